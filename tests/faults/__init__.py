"""The faults that follow-up has to survive, one number each, and where each of them is tested.

After each test the ledger asks what has to be true always (A one row a key, B all that is due ends,
C a copy of all that was sent, D more only of what was unknown, E no way back, F the audit trail
keeps its rows, G no long transaction). ``rows``: in one process, where ``stage.standing`` asks what
rows show (A, D, E). ``look``: in one process, with ledger and mail server. ``long``: not without
``script/test --faults``.

 1  child of the pool killed                   test_killed
 2  whole worker group killed, full queue      test_killed (long)
 3  killed between 250 and commit              test_moments
 4  killed between claim and begun attempt     test_moments
 5  random kills for a minute, 3,000 rows      test_random_kills (long)
 6  FLUSHALL                                   test_broker
 7  Redis killed, down for ten minutes         test_broker (the clock is moved)
 8  Redis frozen                               test_broker
 9  Redis out of memory                        test_broker
10  two, then five beats                       test_together (five: long)
11  no beat for a day                          test_together (the clock is moved)
12  PostgreSQL ended in the middle             test_database (long; down as long as a start takes)
13  all backends terminated                    test_database
14  deadlock                                   test_database_refuses
15  disk full                                  test_database_refuses (a trigger says so)
16  no mail server for twelve hours            test_mail_server (long; the clock is moved)
17  421, 450, 550, 552                         test_mail_server
18  hang and close after the dot, QUIT, drip   test_mail_server (long; drip: look)
19  one bad recipient                          test_mail_server
20  provider slow, then delivered              test_channels (rows)
21  429 with Retry-After, 403                  test_channels (rows)
22  receipt before commit, twice, unknown      test_channels (rows)
23  resolved and extended while in flight      test_in_flight
24  link opened fifty times, sent twice        test_link (rows)
25  the same mail three times                  test_inbound (rows)
26  auto-reply, bounce, our own notice         test_inbound (rows)
27  clock back, on, leap day, new year         test_clock (look)
28  poison row                                 test_mail_server
29  restored from a backup                     test_restore
30  lease lapses while still sending           test_moments
"""

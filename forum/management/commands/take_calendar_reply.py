"""``manage.py take_calendar_reply FILE --to ADDRESS``: what a calendar answered by mail."""

from pathlib import Path

from django.core.management import BaseCommand, CommandError, CommandParser

from audit import clock
from forum import actions, ical


class Command(BaseCommand):
    """For a mail that was kept as a file, until a mailbox is read."""

    help = "Note the answer in a calendar's mail to the address of an invitation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="The mail as it came, or its calendar.")
        parser.add_argument("--to", required=True, help="The address it came to.")

    def handle(self, **options: object) -> None:
        path, address = Path(str(options["file"])), str(options["to"])
        try:
            taken = actions.take_calendar_reply(path.read_bytes(), address=address, now=clock.now())
        except (OSError, ical.NotAReply) as error:
            raise CommandError(str(error)) from error
        for one in taken:
            self.stdout.write(f"{one.result}: {one.sentence}")

import datetime as dt

from django.utils import timezone

from audit import clock


def test_now_is_moved_by_the_offset(settings):
    settings.CLOCK_OFFSET = 86_400.0

    assert abs(clock.now() - timezone.now() - dt.timedelta(days=1)) < dt.timedelta(seconds=5)


def test_today_is_the_day_in_phnom_penh(settings):
    assert clock.today() == timezone.localdate(clock.now())
    assert timezone.get_current_timezone_name() == "Asia/Phnom_Penh"

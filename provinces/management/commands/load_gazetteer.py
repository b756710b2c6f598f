"""``manage.py load_gazetteer``: places, themes, authorities and holidays, up to date."""

from django.core.management import BaseCommand

from audit import clock
from provinces import actions


class Command(BaseCommand):
    """May run at every start: it changes only what is new or different."""

    help = "Load provinces, localities, themes, authorities and this and next year's holidays."

    def handle(self, **options: object) -> None:
        year = clock.today().year
        loaded = actions.load_gazetteer(years=(year, year + 1))
        if options["verbosity"]:
            self.stdout.write(f"{loaded}.")

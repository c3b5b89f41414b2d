"""The daily clean-up renews the planner's statistics, and says when the site's role may not."""

from monitoring.maintenance import cleanup


def test_it_works(as_site, roles, settings):
    settings.DATABASE_MAINTENANCE = roles.facts("maintenance")
    assert cleanup._analyze() == 0


def test_without_a_maintenance_role_every_table_is_counted(as_site, settings):
    settings.DATABASE_MAINTENANCE = None
    assert cleanup._analyze() > 50


def test_where_one_role_may_do_all_there_is_nothing_to_say(db, settings):
    settings.DATABASE_MAINTENANCE = None
    assert cleanup._analyze() == 0

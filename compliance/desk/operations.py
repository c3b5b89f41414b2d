"""How a table is put before people: a trigger keeps its rows' work items, whoever writes them."""

from django.db.migrations import RunSQL

_FORWARD = """
CREATE FUNCTION {table}_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {waits} THEN
        PERFORM desk_put('{kind}', NEW.id, {member}, {not_for}, {opened}, {due}, {escalated},
            {priority}::smallint);
    ELSIF TG_OP = 'UPDATE' THEN
        PERFORM desk_close('{kind}', NEW.id);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER {table}_waits
    BEFORE INSERT OR UPDATE OF {columns} ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_waits();

CREATE FUNCTION {table}_is_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM desk_forget('{kind}', OLD.id);
    RETURN NULL;
END $$;
CREATE TRIGGER {table}_is_gone
    AFTER DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_is_gone();
"""
_BACKWARD = """
DROP TRIGGER {table}_is_gone ON {table};
DROP TRIGGER {table}_waits ON {table};
DROP FUNCTION {table}_is_gone();
DROP FUNCTION {table}_waits();
"""


class PutOnDesk(RunSQL):
    """Rows of `table` wait for a person while `waits` holds; the desk knows them as `kind`.

    The rest are SQL over NEW: `member` whom it is about, `not_for` an array of staff who may not
    work on it, `opened` since when it waits (the first time counts), `due` its deadline,
    `escalated` whether it was handed on, `priority` how much harm waiting does (models.Priority;
    2 is medium). `columns` are those that all of it is made of. The row is held before its item,
    and its item before a claim.
    """

    def __init__(
        self,
        kind: str,
        table: str,
        *,
        columns: list[str],
        waits: str,
        member: str,
        opened: str,
        due: str,
        not_for: str = "'{}'",
        escalated: str = "false",
        priority: str = "2",
    ) -> None:
        values = {
            "kind": kind,
            "table": table,
            "columns": ", ".join(columns),
            "waits": waits,
            "member": member,
            "opened": opened,
            "due": due,
            "not_for": not_for,
            "escalated": escalated,
            "priority": priority,
        }
        super().__init__(_FORWARD.format(**values), _BACKWARD.format(**values))

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        return RunSQL.__name__, [], {"sql": self.sql, "reverse_sql": self.reverse_sql}

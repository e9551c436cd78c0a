"""The log of plan changes only grows. What lets go of a deleted account is the one thing that may change in it."""

from django.db import migrations

GUARD = """
CREATE FUNCTION subscriptions_keep_plan_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND to_jsonb(NEW) - ARRAY['user_id', 'actor_id'] = to_jsonb(OLD) - ARRAY['user_id', 'actor_id']
        AND (NEW.user_id IS NULL OR NEW.user_id = OLD.user_id)
        AND (NEW.actor_id IS NULL OR NEW.actor_id = OLD.actor_id)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the log of plan changes only grows';
END
$$;
CREATE TRIGGER subscriptions_keep_plan_changes BEFORE UPDATE OR DELETE ON subscriptions_planchange
    FOR EACH ROW EXECUTE FUNCTION subscriptions_keep_plan_changes();
"""
FREE_AGAIN = """
DROP TRIGGER subscriptions_keep_plan_changes ON subscriptions_planchange;
DROP FUNCTION subscriptions_keep_plan_changes();
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0003_billing")]

    operations = [migrations.RunSQL(GUARD, FREE_AGAIN)]

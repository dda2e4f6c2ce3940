#include "store/store_schema.h"

#include "store/store_sqlite.h"

static bool
version_read(struct store *s, struct err *e)
{
	int64_t v;

	if (!store_number(s, "PRAGMA user_version", &v, e))
		return false;
	s->version = (unsigned)v;
	return true;
}

static bool
step_run(struct store *s, void *arg, struct err *e)
{
	const struct store_schema_step *step = arg;
	unsigned before = s->version;

	if (!store_exec(s, step->data, e) || !version_read(s, e))
		return false;
	return s->version == before + 1 ||
	       err_set(e, ERR_BUG, "leads to version %u, not %u", s->version, before + 1);
}

bool
store_schema_migrate(struct store *s, unsigned upto, struct err *e)
{
	if (!version_read(s, e))
		return false;
	if (s->version > upto)
		return err_set(e, ERR_REFUSED,
		    "has schema %u, this program knows up to %u: use the newer program", s->version,
		    upto);
	while (s->version < upto) {
		struct store_schema_step step = store_schema_steps[s->version];

		if (!store_change(s, step_run, &step, e))
			return err_in(e, "schema step %s", step.name);
	}
	return true;
}

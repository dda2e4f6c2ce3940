#include "daemon/core_forget.h"

#include "base/log.h"
#include "chan/chan.h"
#include "daemon/core_builds.h"
#include "daemon/core_digest.h"
#include "daemon/core_prepare.h"
#include "daemon/core_wish.h"
#include "daemon/filecache.h"

#include <stdio.h>

#define FLUSH_MS 1000 /* a front takes what core says at once, or it hangs */

/* What the kernel has is before anything the front sends afterwards; what waits in our own queue is
 * not, so it must leave. */
static void
tell_front(struct core_front *f, struct span message)
{
	struct err e = { 0 };

	if (!chan_send(f->chan, CHAN_FORGET, message, -1, &e))
		log_event(LOG_ERROR, "forget-not-sent front=%u reason=\"%s\"", f->index, e.text);
	else if (!chan_flush(f->chan, FLUSH_MS))
		log_event(LOG_ERROR, "forget-late front=%u", f->index);
}

static void
tell_fronts(struct core *c, struct span devices)
{
	const struct front_forget forget = { devices };
	struct wr out = wr_new(FRONTMSG_MAX);
	struct err e = { 0 };

	if (!front_forget_encode(&forget, &out, &e))
		log_event(LOG_ERROR, "forget-not-sent reason=\"%s\"", e.text);
	else
		for (size_t i = 0; i < CORE_FRONTS_MAX; i++)
			if (c->front[i] != NULL)
				tell_front(c->front[i], wr_view(&out));
	wr_free(&out);
}

/* All that may be asked for of one device (core_source_key). */
static void
drop_copies(struct core *c, const char *name)
{
	static const char *const forms[][2] = { { "", "" }, { "", ".sgn" }, { "/", ".sgn" },
		{ "", ".enc.sgn" } };
	char path[CORE_SOURCE_KEY_MAX];

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		snprintf(path, sizeof path, "%s%s.cnf.xml%s", forms[i][0], name, forms[i][1]);
		filecache_drop(c->files, path);
	}
}

void
core_forget_all(struct core *c)
{
	filecache_clear(c->files);
	core_wish_forget(c);
	core_digest_forget(c);
	core_builds_stale(c->builds, NULL);
	core_prepare_all(c->prepare);
	tell_fronts(c, (struct span){ 0 });
}

void
core_forget_device(struct core *c, const char *name)
{
	char line[DEVICE_NAME_MAX + 1];
	int n;

	/* What everybody is given has the digest that every phone's model takes. */
	if (core_digest_changed(c)) {
		core_forget_all(c);
		return;
	}
	drop_copies(c, name);
	core_builds_stale(c->builds, name);
	n = snprintf(line, sizeof line, "%s\n", name);
	tell_fronts(c, span_of(line, (size_t)n));
}

void
core_forget_devices(struct core *c, const struct device *d, size_t count)
{
	if (count > CORE_FORGET_EACH_MAX)
		core_forget_all(c);
	else
		for (size_t i = 0; i < count; i++)
			core_forget_device(c, d[i].name);
}

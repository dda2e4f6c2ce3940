#include "files/watch_events.h"

#include "base/mem.h"
#include "files/watch_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct watch_events {
	int fd;
	struct watch_names names;
};

/* One reading. */
struct reading {
	struct watch_events *w;
	void (*changed)(void *arg, const char *path);
	void *arg;
	bool everything;
	char last[PATH_MAX]; /* one write makes several events */
};

struct watch_events *
watch_events_new(int fd)
{
	struct watch_events *w = mem_new(1, sizeof *w);

	w->fd = fd;
	return w;
}

void
watch_events_free(struct watch_events *w)
{
	if (w == NULL)
		return;
	close(w->fd);
	watch_names_clear(&w->names);
	free(w);
}

void
watch_events_folder(struct watch_events *w, int number, const char *path)
{
	watch_names_put(&w->names, number, path);
}

static void
take(void *arg, const struct inotify_event *ev)
{
	struct reading *r = arg;
	char path[PATH_MAX];
	enum watch_news news = watch_names_judge(&r->w->names, ev, path);

	if ((ev->mask & IN_IGNORED) != 0)
		watch_names_drop(&r->w->names, ev->wd);
	if (news == WATCH_NOTHING)
		return;
	if (news != WATCH_FILE) {
		r->everything = true;
	} else if (strcmp(path, r->last) != 0) {
		snprintf(r->last, sizeof r->last, "%s", path);
		r->changed(r->arg, path);
	}
}

void
watch_events_read(struct watch_events *w, void (*changed)(void *arg, const char *path), void *arg)
{
	struct reading r = { .w = w, .changed = changed, .arg = arg };

	if (!watch_names_read(w->fd, take, &r) || r.everything)
		changed(arg, "");
}

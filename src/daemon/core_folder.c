#include "daemon/core_folder.h"

#include "base/log.h"
#include "base/mem.h"
#include "chan/chan.h"
#include "daemon/core_prepare.h"
#include "files/watch.h"

#include <stdlib.h>

/* A folder that a front is still to be told of: the number is known before its descriptor is. */
struct told {
	int number;
	char *path;
};

/* One front's watches. */
struct client {
	struct core_front *front;
	struct watch_client *watch; /* NULL: being made */
	struct told *early;
	size_t early_count;
	bool failed;
};

struct core_folder {
	struct core *core;
	struct folder *files;
	struct watch *watch; /* NULL: nobody is told of anything */
	struct client *client[CORE_FRONTS_MAX];
};

/* --- what core itself is told --- */

static void
on_changed(void *arg, const char *path)
{
	struct core_folder *f = arg;

	core_prepare_path(f->core->prepare, path);
}

static void
open_folder(struct core_folder *f)
{
	const char *path = cluster_conf(f->core->cluster)->provisioning_dir;
	const struct watch_calls calls = { on_changed, f };
	struct err e = { 0 };

	f->files = folder_new(path);
	if (!watch_new(f->core->base, path, &calls, &f->watch, &e)) {
		f->watch = NULL;
		log_event(LOG_WARNING,
		    "folder-not-watched reason=\"%s\" effect=\"files are asked for anew each "
		    "time\"",
		    e.text);
	}
}

/* --- fronts --- */

static bool
send_folder(struct client *c, int number, const char *path, int fd)
{
	const struct front_folder message = { (uint32_t)number, span_str(path) };
	struct wr out = wr_new(FRONTMSG_MAX);
	struct err e = { 0 };
	bool ok = front_folder_encode(&message, &out, &e) &&
		  chan_send(c->front->chan, CHAN_FOLDER, wr_view(&out), fd, &e);

	wr_free(&out);
	if (!ok)
		log_event(
		    LOG_ERROR, "folder-not-told front=%u reason=\"%s\"", c->front->index, e.text);
	return ok;
}

static void
on_told(void *arg, int number, const char *path)
{
	struct client *c = arg;

	if (c->watch != NULL) {
		c->failed = !send_folder(c, number, path, -1) || c->failed;
		return;
	}
	c->early = mem_grow(c->early, c->early_count + 1, sizeof *c->early);
	c->early[c->early_count++] = (struct told){ number, mem_text(path, strlen(path)) };
}

static void
send_early(struct client *c)
{
	for (size_t i = 0; i < c->early_count; i++)
		if (!send_folder(c, c->early[i].number, c->early[i].path,
			i == 0 ? watch_client_fd(c->watch) : -1))
			c->failed = true;
}

static void
forget_early(struct client *c)
{
	for (size_t i = 0; i < c->early_count; i++)
		free(c->early[i].path);
	free(c->early);
	c->early = NULL;
	c->early_count = 0;
}

void
core_folder_drop(struct core_folder *f, const struct core_front *front)
{
	struct client *c = f->client[front->index];

	if (c == NULL)
		return;
	f->client[front->index] = NULL;
	forget_early(c);
	watch_client_free(c->watch);
	free(c);
}

void
core_folder_front(struct core_folder *f, struct core_front *front)
{
	struct client *c;
	struct err e = { 0 };

	core_folder_drop(f, front);
	if (f->watch == NULL)
		return;
	c = mem_new(1, sizeof *c);
	c->front = front;
	f->client[front->index] = c;
	if (watch_client_new(f->watch, on_told, c, &c->watch, &e)) {
		send_early(c);
		forget_early(c);
		return;
	}
	c->watch = NULL;
	core_folder_drop(f, front);
	log_event(LOG_WARNING, "front-not-watching front=%u reason=\"%s\"", front->index, e.text);
}

bool
core_folder_tells_front(const struct core_folder *f, const struct core_front *front)
{
	const struct client *c = f->client[front->index];

	return c != NULL && !c->failed;
}

/* --- all --- */

struct folder *
core_folder_files(const struct core_folder *f)
{
	return f->files;
}

bool
core_folder_tells(const struct core_folder *f, const char *path, const struct folder_file *file)
{
	return f->watch != NULL && file->watchable && watch_covers(f->watch, path);
}

struct core_folder *
core_folder_new(struct core *c)
{
	struct core_folder *f = mem_new(1, sizeof *f);

	f->core = c;
	open_folder(f);
	return f;
}

static void
close_folder(struct core_folder *f)
{
	watch_free(f->watch);
	f->watch = NULL;
	folder_free(f->files);
	f->files = NULL;
}

void
core_folder_free(struct core_folder *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < CORE_FRONTS_MAX; i++)
		if (f->client[i] != NULL)
			core_folder_drop(f, f->client[i]->front);
	close_folder(f);
	free(f);
}

bool
core_folder_reload(struct core_folder *f)
{
	const char *path = cluster_conf(f->core->cluster)->provisioning_dir;

	if (strcmp(folder_path(f->files), path) == 0)
		return false;
	for (size_t i = 0; i < CORE_FRONTS_MAX; i++)
		if (f->client[i] != NULL)
			core_folder_drop(f, f->client[i]->front);
	close_folder(f);
	open_folder(f);
	for (size_t i = 0; i < CORE_FRONTS_MAX; i++)
		if (f->core->front[i] != NULL)
			core_folder_front(f, f->core->front[i]);
	return true;
}

#include "watching.h"

#include <stdlib.h>
#include <unistd.h>

static void
note(char *text, const char *path)
{
	size_t n = strlen(text);

	snprintf(text + n, 1024 - n, "%s%s", n > 0 ? " " : "", path[0] != '\0' ? path : "<all>");
}

static void
core_hears(void *arg, const char *path)
{
	note(((struct watching *)arg)->core_heard, path);
}

static void
front_hears(void *arg, const char *path)
{
	note(((struct watching *)arg)->front_heard, path);
}

static void
told(void *arg, int number, const char *path)
{
	struct watching *r = arg;

	if (r->front != NULL) {
		watch_events_folder(r->front, number, path);
		return;
	}
	assert_true(r->early_count < 16);
	r->early[r->early_count].number = number;
	snprintf(r->early[r->early_count++].path, sizeof r->early[0].path, "%s", path);
}

void
watching_start_front(struct watching *r)
{
	struct err e = { 0 };

	assert_ok(watch_client_new(r->watch, told, r, &r->client, &e), e);
	r->front = watch_events_new(dup(watch_client_fd(r->client)));
	for (size_t i = 0; i < r->early_count; i++)
		watch_events_folder(r->front, r->early[i].number, r->early[i].path);
	r->early_count = 0;
}

void
watching_stop_front(struct watching *r)
{
	watch_client_free(r->client);
	watch_events_free(r->front);
	r->client = NULL;
	r->front = NULL;
}

void
watching_start(struct watching *r, const char *folder)
{
	const struct watch_calls calls = { core_hears, r };
	struct err e = { 0 };

	r->base = event_base_new();
	assert_ok(watch_new(r->base, tree_path(&r->tree, folder), &calls, &r->watch, &e), e);
	watching_start_front(r);
}

void
watching_pump(struct watching *r)
{
	for (int i = 0; i < 4; i++)
		event_base_loop(r->base, EVLOOP_NONBLOCK);
}

const char *
watching_heard(struct watching *r)
{
	r->front_heard[0] = '\0';
	watch_events_read(r->front, front_hears, r);
	watching_pump(r);
	return r->front_heard;
}

void
watching_rest(struct watching *r)
{
	for (int i = 0; i < 3; i++)
		watching_heard(r);
	r->core_heard[0] = '\0';
}

int
watching_setup(void **state)
{
	struct watching *r = calloc(1, sizeof *r);

	tree_make(&r->tree);
	tree_folder(&r->tree, "tftp");
	tree_folder(&r->tree, "tftp/sub");
	tree_folder(&r->tree, "tftp/sub/deep");
	tree_write(&r->tree, "tftp/a", "1");
	tree_write(&r->tree, "tftp/sub/b", "1");
	tree_write(&r->tree, "tftp/sub/deep/c", "1");
	tree_write(&r->tree, "aside", "2");
	watching_start(r, "tftp");
	*state = r;
	return 0;
}

int
watching_teardown(void **state)
{
	struct watching *r = *state;

	watch_events_free(r->front);
	watch_free(r->watch);
	event_base_free(r->base);
	tree_remove(&r->tree);
	free(r);
	return 0;
}

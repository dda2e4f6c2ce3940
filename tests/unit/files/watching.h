/*
 * watching: core's watch of a tree and a front's end of it, without processes. Both write down what
 * they are told, "a sub/b <all>".
 */
#ifndef TESTS_UNIT_FILES_WATCHING_H
#define TESTS_UNIT_FILES_WATCHING_H

#include "files/watch.h"
#include "files/watch_events.h"
#include "tree.h"

#include <event2/event.h>

#define WATCHING_HEARD_MAX 1024

struct watching {
	struct tree tree;
	struct event_base *base;
	struct watch *watch;
	struct watch_client *client;
	struct watch_events *front;
	struct {
		int number;
		char path[256];
	} early[16]; /* told before the front had its end */
	size_t early_count;
	char core_heard[WATCHING_HEARD_MAX], front_heard[WATCHING_HEARD_MAX];
};

/* Watches the folder of that name in the tree. */
void watching_start(struct watching *r, const char *folder);

void watching_start_front(struct watching *r);
void watching_stop_front(struct watching *r);

/* Core reads what it was told. */
void watching_pump(struct watching *r);

/* What the front was told since the last call; only then core reads its own. */
const char *watching_heard(struct watching *r);

/* Both have read everything, and what core did about it. */
void watching_rest(struct watching *r);

/* tftp/a, tftp/sub/b, tftp/sub/deep/c, and aside next to the folder. */
int watching_setup(void **state);
int watching_teardown(void **state);

#define WITH_WATCH(test) cmocka_unit_test_setup_teardown(test, watching_setup, watching_teardown)

#endif

/*
 * core_rig: core with a cluster of its own, and one front's end of a channel, without processes.
 */
#ifndef TESTS_UNIT_DAEMON_CORE_RIG_H
#define TESTS_UNIT_DAEMON_CORE_RIG_H

#include "../check.h"
#include "chan/chan.h"
#include "daemon/core.h"
#include "tempdir.h"

#define RIG_PHONE    "SEP001122334455"
#define RIG_FILE_MAX (16UL * 1024 * 1024) /* what the keeper signs */
#define RIG_TURNS    2000                 /* of a millisecond, until core has answered */

struct keeper;

struct core_rig {
	char dir[TEMPDIR_MAX], made[1024], path[1024];
	struct core core; /* of a fresh copy, for each test */
	struct core_front front;
	struct keeper *keeper; /* on the same loop; NULL: files wait for their signature */
	int fd;                /* the front's end */
	uint8_t in[ASK_MESSAGE_MAX + 1];
};

int core_rig_group_setup(void **state);
int core_rig_group_teardown(void **state);
int core_rig_setup(void **state);
int core_rig_teardown(void **state);

#define WITH_CORE(test) cmocka_unit_test_setup_teardown(test, core_rig_setup, core_rig_teardown)

/* Starts the keeper; there is one from the start. */
void core_rig_keeper(struct core_rig *r);

/* One turn of core's loop. */
void core_rig_turn(struct core_rig *r);

/* Takes the next message to the front, which must be of this kind; a loan until the next one. *fd
 * may be NULL. */
struct span core_rig_message(struct core_rig *r, enum chan_kind kind, int *fd);

/* Takes the next answer that core sent; spans are loans until the next one. *fd may be NULL. */
void core_rig_answer(struct core_rig *r, struct answer *out, int *fd);

/* A file of the provisioning folder, written over or replaced by renaming. */
void core_rig_put(struct core_rig *r, const char *name, struct span content);
void core_rig_replace(struct core_rig *r, const char *name, struct span content);

/* Asks for a file, as a front does for a phone at 192.0.2.7. */
void core_rig_ask(struct core_rig *r, uint32_t id, const char *name, enum ask_via via);

/* The same, and takes the answer. */
struct answer core_rig_file(struct core_rig *r, const char *name, enum ask_via via);

/* Runs a command of the control API; NULL with *e filled when it fails. */
struct json_t *core_rig_command(
    struct core_rig *r, const char *name, struct json_t *args, struct err *e);

/* A phone that an administrator added, with an operation pending. */
void core_rig_phone(struct core_rig *r, const char *name, enum phone_operation o);

/* Its record now. */
struct phone core_rig_record(struct core_rig *r, const char *name);

#endif

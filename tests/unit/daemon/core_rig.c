#include "core_rig.h"

#include "chan/chan.h"
#include "daemon/commands.h"
#include "daemon/core_files.h"
#include "daemon/keeper.h"
#include "daemon/signpool.h"

#include <event2/event.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const addresses[] = { "192.0.2.10", NULL };

int
core_rig_group_setup(void **state)
{
	struct core_rig *r = calloc(1, sizeof *r);
	struct cluster_create how = { .name = "Example",
		.host = "cm1.example.com",
		.addresses = addresses,
		.base_port = 20000,
		.now = core_now() };
	struct err e = { 0 };

	tempdir_make(r->dir);
	how.dir = tempdir_path(r->dir, "made", r->made, sizeof r->made);
	tempdir_path(r->dir, "copy", r->path, sizeof r->path);
	assert_ok(cluster_create(&how, &e), e);
	*state = r;
	return 0;
}

int
core_rig_group_teardown(void **state)
{
	struct core_rig *r = *state;

	tempdir_remove(r->dir);
	free(r);
	return 0;
}

static void
ignore(void *arg, enum chan_kind kind, struct span payload, int fd)
{
	(void)arg, (void)kind, (void)payload, (void)fd;
}

static void
ignore_closed(void *arg, const char *why)
{
	(void)arg, (void)why;
}

void
core_rig_keeper(struct core_rig *r)
{
	struct core *c = &r->core;
	struct err e = { 0 };
	int pair[2];

	assert_ok(chan_pair(pair, &e), e);
	signpool_keeper(c->signpool, 0, pair[0]);
	r->keeper = keeper_new(
	    c->base, pair[1], cluster_signer(c->cluster), RIG_FILE_MAX, ignore_closed, NULL);
}

int
core_rig_setup(void **state)
{
	struct core_rig *r = *state;
	struct core *c = &r->core;
	char command[2100];
	struct err e = { 0 };
	int pair[2];

	snprintf(command, sizeof command, "cp -a '%s' '%s'", r->made, r->path);
	assert_int_equal(system(command), 0);
	*c = (struct core){ .base = event_base_new() };
	assert_ok(cluster_open(r->path, &c->cluster, &e), e);
	core_parts_new(c);
	core_rig_keeper(r);
	assert_ok(chan_pair(pair, &e), e);
	r->fd = pair[1];
	r->front = (struct core_front){ .core = c, .index = 1 };
	r->front.chan = chan_new(c->base, pair[0], ignore, ignore_closed, NULL);
	return 0;
}

int
core_rig_teardown(void **state)
{
	struct core_rig *r = *state;

	keeper_free(r->keeper);
	core_parts_free(&r->core);
	chan_free(r->front.chan);
	close(r->fd);
	event_base_free(r->core.base);
	cluster_close(r->core.cluster);
	tempdir_remove(r->path);
	return 0;
}

/* Lets core and its keeper work until there is something for the front. */
static void
wait_for_message(struct core_rig *r)
{
	struct pollfd in = { .fd = r->fd, .events = POLLIN };

	for (int i = 0; i < RIG_TURNS && poll(&in, 1, 0) == 0; i++) {
		core_rig_turn(r);
		poll(&in, 1, 1);
	}
}

void
core_rig_turn(struct core_rig *r)
{
	event_base_loop(r->core.base, EVLOOP_NONBLOCK);
}

struct span
core_rig_message(struct core_rig *r, enum chan_kind kind, int *fd)
{
	union {
		struct cmsghdr align;
		uint8_t bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { r->in, sizeof r->in };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control };
	int got = -1;
	ssize_t n;

	wait_for_message(r);
	n = recvmsg(r->fd, &m, MSG_DONTWAIT);
	if (n <= 0)
		fail_msg("core said nothing to the front");
	if (CMSG_FIRSTHDR(&m) != NULL)
		memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof got);
	assert_int_equal(r->in[0], kind);
	if (fd != NULL)
		*fd = got;
	else if (got >= 0)
		close(got);
	return span_of(r->in + 1, (size_t)n - 1);
}

void
core_rig_answer(struct core_rig *r, struct answer *out, int *fd)
{
	struct err e = { 0 };

	assert_ok(answer_parse(core_rig_message(r, CHAN_ANSWER, fd), out, &e), e);
}

void
core_rig_put(struct core_rig *r, const char *name, struct span content)
{
	char path[2048];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", cluster_conf(r->core.cluster)->provisioning_dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(content.p, 1, content.n, f), content.n);
	fclose(f);
}

void
core_rig_replace(struct core_rig *r, const char *name, struct span content)
{
	const char *dir = cluster_conf(r->core.cluster)->provisioning_dir;
	char from[2048], to[2048];

	core_rig_put(r, "next", content);
	snprintf(from, sizeof from, "%s/next", dir);
	snprintf(to, sizeof to, "%s/%s", dir, name);
	assert_int_equal(rename(from, to), 0);
}

void
core_rig_ask(struct core_rig *r, uint32_t id, const char *name, enum ask_via via)
{
	const struct ask q = { .kind = ASK_FILE,
		.id = id,
		.peer = span_str("192.0.2.7:50000"),
		.name = span_str(name),
		.via = (uint8_t)via };

	core_files_ask(&r->front, &q, (struct span){ 0 });
}

struct answer
core_rig_file(struct core_rig *r, const char *name, enum ask_via via)
{
	struct answer a;

	core_rig_ask(r, 1, name, via);
	core_rig_answer(r, &a, NULL);
	return a;
}

json_t *
core_rig_command(struct core_rig *r, const char *name, json_t *args, struct err *e)
{
	json_t *result = NULL;
	bool ok = commands_run(&r->core, name, args, &result, e);

	json_decref(args);
	return ok ? result : NULL;
}

void
core_rig_phone(struct core_rig *r, const char *name, enum phone_operation o)
{
	struct device d;
	struct phone p;
	struct err e = { 0 };

	assert_ok(device_parse(span_str(name), &d, &e), e);
	p = phone_new(&d, PHONE_ADDED);
	assert_ok(phone_set_operation(&p, o, core_now(), &e), e);
	assert_ok(store_phone_put(cluster_store(r->core.cluster), &p, &e), e);
}

struct phone
core_rig_record(struct core_rig *r, const char *name)
{
	struct phone p;
	struct err e = { 0 };
	bool found;

	assert_ok(store_phone_get(cluster_store(r->core.cluster), name, &p, &found, &e), e);
	assert_true(found);
	return p;
}

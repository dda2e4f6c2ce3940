#include "core_rig.h"

#include "chan/chan.h"
#include "daemon/capf_sessions.h"
#include "daemon/commands.h"
#include "daemon/filecache.h"
#include "daemon/sightings.h"

#include <event2/event.h>
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
	*c = (struct core){ .base = event_base_new(), .files = filecache_new() };
	c->sightings = sightings_new();
	c->capf = capf_sessions_new();
	assert_ok(cluster_open(r->path, &c->cluster, &e), e);
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

	chan_free(r->front.chan);
	close(r->fd);
	capf_sessions_free(r->core.capf);
	sightings_free(r->core.sightings);
	filecache_free(r->core.files);
	cluster_close(r->core.cluster);
	event_base_free(r->core.base);
	tempdir_remove(r->path);
	return 0;
}

void
core_rig_answer(struct core_rig *r, struct answer *out, int *fd)
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
	ssize_t n = recvmsg(r->fd, &m, MSG_DONTWAIT);
	struct err e = { 0 };
	int got = -1;

	if (n <= 0)
		fail_msg("core gave no answer");
	if (CMSG_FIRSTHDR(&m) != NULL)
		memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof got);
	assert_int_equal(r->in[0], CHAN_ANSWER);
	assert_ok(answer_parse(span_of(r->in + 1, (size_t)n - 1), out, &e), e);
	if (fd != NULL)
		*fd = got;
	else if (got >= 0)
		close(got);
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

#include "files/watch.h"

#include "base/mem.h"
#include "files/watch_tree.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* --- what happened --- */

static void
tell_file(struct watch *w, const char *path)
{
	if (strcmp(path, w->last) == 0)
		return; /* one write makes several events */
	snprintf(w->last, sizeof w->last, "%s", path);
	w->calls.changed(w->calls.arg, path);
}

/* A folder at path came, went, or has other rights: it may be another one by now. */
static void
look_again(struct watch *w, const char *path, uint32_t mask)
{
	if (path[0] == '\0')
		w->rebuild = true;
	if (w->rebuild)
		return;
	watch_tree_drop(w, path);
	if ((mask & (IN_CREATE | IN_MOVED_TO | IN_ATTRIB)) != 0)
		watch_tree_add(w, path);
}

/* The parent's watch tells where a folder went; of the uppermost nobody else tells. */
static void
lose(struct watch *w, const char *path, const struct inotify_event *ev)
{
	if (path[0] == '\0' || path[0] == '/' || (ev->mask & IN_UNMOUNT) != 0)
		w->rebuild = true;
	else if ((ev->mask & IN_IGNORED) != 0)
		watch_tree_drop(w, path);
}

static void
take(void *arg, const struct inotify_event *ev)
{
	struct watch *w = arg;
	char path[PATH_MAX];
	enum watch_news news = watch_names_judge(&w->own.names, ev, path);

	switch (news) {
	case WATCH_NOTHING:
	case WATCH_UNKNOWN: /* of a watch that was removed */
		return;
	case WATCH_FILE:
		tell_file(w, path);
		return;
	case WATCH_FOLDER:
		look_again(w, path, ev->mask);
		break;
	case WATCH_GONE:
		lose(w, path, ev);
		break;
	case WATCH_EVERYTHING:
		w->rebuild = true;
		break;
	}
	w->everything = true;
}

static void
settle(struct watch *w)
{
	bool everything = w->everything;

	if (w->rebuild)
		watch_tree_build(w);
	w->rebuild = w->everything = false;
	w->last[0] = '\0';
	if (everything)
		w->calls.changed(w->calls.arg, "");
}

static void
on_events(evutil_socket_t fd, short what, void *arg)
{
	struct watch *w = arg;

	(void)what;
	w->reading = true;
	if (!watch_names_read(fd, take, w))
		w->rebuild = w->everything = true;
	w->reading = false;
	settle(w);
}

/* --- mounts, of which inotify does not tell --- */

static void
on_mounts(evutil_socket_t fd, short what, void *arg)
{
	struct watch *w = arg;
	struct epoll_event ev;

	(void)what;
	(void)epoll_wait(fd, &ev, 1, 0);
	if (watch_tree_is_same(w))
		return;
	w->rebuild = w->everything = true;
	settle(w);
}

/* proc(5): the file has an exceptional condition after each change. Without it (no proc) only
 * mounts over a watched folder pass unseen. */
static void
watch_mounts(struct watch *w, struct event_base *base)
{
	struct epoll_event ev = { .events = EPOLLPRI };

	w->mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	w->mounts_poll = epoll_create1(EPOLL_CLOEXEC);
	if (w->mounts < 0 || w->mounts_poll < 0 ||
	    epoll_ctl(w->mounts_poll, EPOLL_CTL_ADD, w->mounts, &ev) != 0)
		return;
	w->mounts_event = event_new(base, w->mounts_poll, EV_READ | EV_PERSIST, on_mounts, w);
	if (w->mounts_event == NULL || event_add(w->mounts_event, NULL) != 0)
		abort();
}

/* --- the watch and its clients --- */

static bool
open_instance(struct watch_client *c, struct watch *w, struct err *e)
{
	c->watch = w;
	c->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (c->fd < 0 && errno == EMFILE)
		return err_set(
		    e, ERR_IO, "no further inotify instance: raise fs.inotify.max_user_instances");
	return c->fd >= 0 || err_sys(e, "inotify");
}

bool
watch_new(struct event_base *base, const char *path, const struct watch_calls *calls,
    struct watch **out, struct err *e)
{
	struct watch *w = mem_new(1, sizeof *w);

	*out = NULL;
	if (!open_instance(&w->own, w, e)) {
		free(w);
		return false;
	}
	w->path = mem_text(path, strlen(path));
	w->calls = *calls;
	w->root = -1;
	w->event = event_new(base, w->own.fd, EV_READ | EV_PERSIST, on_events, w);
	if (w->event == NULL || event_add(w->event, NULL) != 0)
		abort();
	watch_mounts(w, base);
	watch_tree_build(w);
	*out = w;
	return true;
}

static void
close_instance(struct watch_client *c)
{
	close(c->fd);
	watch_names_clear(&c->names);
}

void
watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	while (w->own.next != NULL)
		watch_client_free(w->own.next);
	event_free(w->event);
	if (w->mounts_event != NULL)
		event_free(w->mounts_event);
	if (w->mounts_poll >= 0)
		close(w->mounts_poll);
	if (w->mounts >= 0)
		close(w->mounts);
	close_instance(&w->own);
	watch_tree_clear(w);
	free(w->path);
	free(w);
}

bool
watch_client_new(struct watch *w, void (*told)(void *arg, int number, const char *path), void *arg,
    struct watch_client **out, struct err *e)
{
	struct watch_client *c = mem_new(1, sizeof *c);

	*out = NULL;
	c->told = told;
	c->arg = arg;
	if (!open_instance(c, w, e)) {
		free(c);
		return false;
	}
	c->next = w->own.next;
	w->own.next = c;
	watch_tree_join(w, c);
	*out = c;
	return true;
}

void
watch_client_free(struct watch_client *c)
{
	struct watch_client *before;

	if (c == NULL)
		return;
	for (before = &c->watch->own; before->next != c; before = before->next)
		;
	before->next = c->next;
	close_instance(c);
	free(c);
}

int
watch_client_fd(const struct watch_client *c)
{
	return c->fd;
}

/* An event that is still to be read may mean that a path leads elsewhere by now. */
static bool
is_up_to_date(const struct watch *w)
{
	int waiting;

	return ioctl(w->own.fd, FIONREAD, &waiting) == 0 && waiting == 0 && !w->reading;
}

bool
watch_covers(const struct watch *w, const char *path)
{
	if (!is_up_to_date(w) || !watch_tree_has(w, "", 0))
		return false;
	for (const char *p = strchr(path, '/'); p != NULL; p = strchr(p + 1, '/'))
		if (!watch_tree_has(w, path, (size_t)(p - path)))
			return false;
	return true;
}

void
watch_refresh(struct watch *w)
{
	if (watch_tree_has(w, "", 0))
		return;
	watch_tree_build(w);
	if (!watch_tree_has(w, "", 0))
		return;
	/* Told from the loop: whoever called is in the middle of something. */
	w->everything = true;
	event_active(w->event, EV_READ, 0);
}

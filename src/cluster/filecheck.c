#include "cluster/filecheck.h"

#include "base/text.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

struct step {
	const struct filecheck *check;
	struct timespec began;
	unsigned budget_ms;
	char last[FILECHECK_PATH_MAX];
	bool stopped;
};

static bool
is_there(const struct filecheck *check, const char *path)
{
	struct folder_file file;
	bool there = folder_open(check->folder, path, &file, NULL) && file.fd >= 0;

	folder_close(&file);
	return there;
}

/* What only an opened file tells; a file that changes just now is judged without its content. */
static void
look_inside(const struct filecheck *check, struct findings_entry *en, struct bytes *content)
{
	struct folder_file file;

	if (!folder_open(check->folder, en->path, &file, NULL))
		return;
	en->leads_out = file.fault == FOLDER_LEADS_OUT;
	if (file.fd >= 0) {
		en->is_file = true;
		en->size = (uint64_t)file.st.st_size;
		if (findings_wants_content(en->path, en->size) &&
		    folder_read(&file, en->size, content, NULL))
			en->content = bytes_span(content);
	}
	folder_close(&file);
}

static void
judge(const struct filecheck *check, const struct folder_entry *entry)
{
	struct findings_entry en = { .path = entry->path,
		.is_folder = entry->is_folder,
		.is_link = entry->is_link,
		.is_file = S_ISREG(entry->st->st_mode),
		.readable = entry->readable,
		.size = (uint64_t)entry->st->st_size,
		.max_size = check->max_size };
	struct finding found[FINDINGS_MAX];
	char plain[FNAME_MAX + 1];
	struct bytes content = { 0 };
	size_t n;

	if (en.is_link || (en.is_file && findings_wants_content(en.path, en.size)))
		look_inside(check, &en, &content);
	en.plain_beside = findings_plain(en.path, plain) && is_there(check, plain);
	n = findings_judge(&en, found);
	for (size_t i = 0; i < n; i++)
		check->found(check->arg, en.path, &found[i]);
	bytes_free(&content);
}

static bool
is_hidden(const char *path)
{
	return path[0] == '.' || strstr(path, "/.") != NULL;
}

void
filecheck_path(const struct filecheck *check, const char *path)
{
	int dir = open(folder_path(check->folder), O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	struct folder_entry entry = { .path = path, .st = &st };

	if (dir < 0)
		return;
	if (path[0] != '\0' && !is_hidden(path) &&
	    fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		entry.is_folder = S_ISDIR(st.st_mode);
		entry.is_link = S_ISLNK(st.st_mode);
		entry.readable =
		    faccessat(dir, path, entry.is_folder ? R_OK | X_OK : R_OK, AT_EACCESS) == 0;
		judge(check, &entry);
	}
	close(dir);
}

/* --- all of it --- */

static bool
is_over(const struct step *s)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - s->began.tv_sec) * 1000 + (now.tv_nsec - s->began.tv_nsec) / 1000000 >=
	       (long)s->budget_ms;
}

static bool
take(void *arg, const struct folder_entry *entry)
{
	struct step *s = arg;

	judge(s->check, entry);
	snprintf(s->last, sizeof s->last, "%s", entry->path);
	/* A path that is no text cannot be said in the answer. */
	s->stopped = is_over(s) && text_is_utf8(span_str(entry->path));
	return !s->stopped;
}

bool
filecheck_walk(const struct filecheck *check, const char *after, unsigned budget_ms,
    char next[FILECHECK_PATH_MAX], struct err *e)
{
	struct step s = { .check = check, .budget_ms = budget_ms };

	clock_gettime(CLOCK_MONOTONIC, &s.began);
	if (!folder_walk(check->folder, after, take, &s, e))
		return false;
	snprintf(next, FILECHECK_PATH_MAX, "%s", s.stopped ? s.last : "");
	return true;
}

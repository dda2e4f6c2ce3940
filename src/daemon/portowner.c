#include "daemon/portowner.h"

#include "base/text.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TCP_LISTENING 0x0a

/* The inode of a socket bound to the port, from one of /proc/net/{tcp,tcp6,udp,udp6}; 0 when none.
 */
static unsigned long
inode_in(const char *table, bool udp, uint16_t port)
{
	char line[512];
	FILE *f = fopen(table, "re");
	unsigned long inode = 0;

	if (f == NULL)
		return 0;
	while (inode == 0 && fgets(line, sizeof line, f) != NULL) {
		unsigned local_port, state;
		unsigned long found;

		if (sscanf(line,
			" %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*d %*d %lu",
			&local_port, &state, &found) == 3 &&
		    local_port == port && (udp || state == TCP_LISTENING))
			inode = found;
	}
	fclose(f);
	return inode;
}

static bool
process_has(const char *pid, unsigned long inode)
{
	char path[300], want[64], got[64];
	bool found = false;
	struct dirent *entry;
	DIR *dir;

	snprintf(want, sizeof want, "socket:[%lu]", inode);
	snprintf(path, sizeof path, "/proc/%s/fd", pid);
	dir = opendir(path);
	if (dir == NULL)
		return false;
	while (!found && (entry = readdir(dir)) != NULL) {
		ssize_t n;

		snprintf(path, sizeof path, "/proc/%s/fd/%.20s", pid, entry->d_name);
		n = readlink(path, got, sizeof got - 1);
		if (n > 0) {
			got[n] = '\0';
			found = strcmp(got, want) == 0;
		}
	}
	closedir(dir);
	return found;
}

static void
process_name(const char *pid, char *name, size_t max)
{
	char path[300], comm[64];
	FILE *f;

	snprintf(path, sizeof path, "/proc/%s/comm", pid);
	snprintf(name, max, "a program");
	f = fopen(path, "re");
	if (f == NULL)
		return;
	if (fgets(comm, sizeof comm, f) != NULL)
		text_printable(span_of(comm, strcspn(comm, "\n")), name, max);
	fclose(f);
}

bool
portowner_find(bool udp, uint16_t port, char *text, size_t text_max)
{
	unsigned long inode = inode_in(udp ? "/proc/net/udp" : "/proc/net/tcp", udp, port);
	struct dirent *entry;
	bool found = false;
	DIR *proc;

	if (inode == 0)
		inode = inode_in(udp ? "/proc/net/udp6" : "/proc/net/tcp6", udp, port);
	proc = inode != 0 ? opendir("/proc") : NULL;
	if (proc == NULL)
		return false;
	while (!found && (entry = readdir(proc)) != NULL) {
		char name[64];

		if (!isdigit((unsigned char)entry->d_name[0]) || !process_has(entry->d_name, inode))
			continue;
		process_name(entry->d_name, name, sizeof name);
		snprintf(text, text_max, "%s (process %.20s)", name, entry->d_name);
		found = true;
	}
	closedir(proc);
	return found;
}

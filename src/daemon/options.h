/*
 * options: the command line of sealtoned, for main and for the roles that it re-executes itself as.
 */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include "daemon/listen.h"

enum role { ROLE_MAIN, ROLE_CORE, ROLE_FRONT, ROLE_KEEPER, ROLE_RA, ROLE_HOOK, ROLE_BACKUP };

struct options {
	const char *dir;
	bool check; /* read the configuration and exit */
	/* Handed over by main to its children only. */
	enum role role;
	unsigned index;       /* which front, keeper or RA */
	int main_fd, core_fd; /* channels; -1: none */
	struct listen_share sockets;
};

/* "core", "front", "keeper", "ra", "hook", "backup": what --role says. */
const char *role_name(enum role role);

/* Parses; prints help or a usage error and exits (0 or 2) when that is what was asked. */
void options_parse(int argc, char **argv, struct options *out);

#endif

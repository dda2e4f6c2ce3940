#include "daemon/options.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

const char *argp_program_version = "sealtoned 0.1.0";

enum { KEY_CHECK = 256, KEY_ROLE, KEY_INDEX, KEY_MAIN_FD, KEY_CORE_FD, KEY_SERVICE_FD };

static const struct argp_option table[] = {
	{ "dir", 'd', "DIR", 0,
	    "the cluster's folder, made by sealtone init (default: $SEALTONE_DIR)", 0 },
	{ "check", KEY_CHECK, NULL, 0,
	    "read the configuration, say what is wrong with it, and exit", 0 },
	{ "role", KEY_ROLE, "ROLE", OPTION_HIDDEN, NULL, 0 },
	{ "index", KEY_INDEX, "N", OPTION_HIDDEN, NULL, 0 },
	{ "main-fd", KEY_MAIN_FD, "FD", OPTION_HIDDEN, NULL, 0 },
	{ "core-fd", KEY_CORE_FD, "FD", OPTION_HIDDEN, NULL, 0 },
	{ "tftp-fd", KEY_SERVICE_FD + LISTEN_TFTP, "FD", OPTION_HIDDEN, NULL, 0 },
	{ "http-fd", KEY_SERVICE_FD + LISTEN_HTTP, "FD", OPTION_HIDDEN, NULL, 0 },
	{ "https-fd", KEY_SERVICE_FD + LISTEN_HTTPS, "FD", OPTION_HIDDEN, NULL, 0 },
	{ "tvs-fd", KEY_SERVICE_FD + LISTEN_TVS, "FD", OPTION_HIDDEN, NULL, 0 },
	{ "capf-fd", KEY_SERVICE_FD + LISTEN_CAPF, "FD", OPTION_HIDDEN, NULL, 0 },
	{ 0 },
};

static const char *const role_names[] = {
	[ROLE_MAIN] = "main",
	[ROLE_CORE] = "core",
	[ROLE_FRONT] = "front",
	[ROLE_KEEPER] = "keeper",
	[ROLE_RA] = "ra",
	[ROLE_HOOK] = "hook",
	[ROLE_BACKUP] = "backup",
};

const char *
role_name(enum role role)
{
	return role_names[role];
}

static error_t
set_role(struct options *o, const char *arg)
{
	for (size_t i = 0; i < sizeof role_names / sizeof role_names[0]; i++)
		if (strcmp(arg, role_names[i]) == 0) {
			o->role = (enum role)i;
			return 0;
		}
	return EINVAL;
}

static error_t
add_socket(struct options *o, enum listen_service service, const char *arg)
{
	if (o->sockets.count == LISTEN_FDS_MAX)
		return EINVAL;
	o->sockets.socket[o->sockets.count].service = service;
	o->sockets.socket[o->sockets.count].fd = atoi(arg);
	o->sockets.count++;
	return 0;
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	if (key >= KEY_SERVICE_FD && key < KEY_SERVICE_FD + LISTEN_SERVICE_COUNT)
		return add_socket(o, (enum listen_service)(key - KEY_SERVICE_FD), arg);
	switch (key) {
	case 'd':
		o->dir = arg;
		return 0;
	case KEY_CHECK:
		o->check = true;
		return 0;
	case KEY_ROLE:
		return set_role(o, arg);
	case KEY_INDEX:
		o->index = (unsigned)atoi(arg);
		return 0;
	case KEY_MAIN_FD:
		o->main_fd = atoi(arg);
		return 0;
	case KEY_CORE_FD:
		o->core_fd = atoi(arg);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument %s", arg);
		return 0;
	case ARGP_KEY_END:
		if (o->dir == NULL)
			argp_error(state, "--dir DIR is missing");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void
options_parse(int argc, char **argv, struct options *out)
{
	static const struct argp argp = { table, parse_option, NULL,
		"sealtoned: trust and certificate server for Cisco IP phones. Runs in the "
		"foreground, "
		"logs to stderr and prints \"ready\" on stdout when every port is open. "
		"SIGTERM ends it, SIGHUP reads sealtone.conf again.",
		NULL, NULL, NULL };

	*out = (struct options){ .dir = getenv("SEALTONE_DIR"), .main_fd = -1, .core_fd = -1 };
	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, out);
}

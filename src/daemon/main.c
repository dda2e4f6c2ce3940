/*
 * sealtoned: one binary; each role is this program run again with a role option
 * (doc/architecture.md).
 */
#include "daemon/backupproc.h"
#include "daemon/core.h"
#include "daemon/front.h"
#include "daemon/hookproc.h"
#include "daemon/keeper.h"
#include "daemon/logline.h"
#include "daemon/options.h"
#include "daemon/ra.h"
#include "daemon/supervise.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One line says why; an empty text means that another process has said it. */
static int
failed(const struct err *e)
{
	if (e->text[0] != '\0')
		fprintf(stderr, "sealtoned: %s\n", e->text);
	return EXIT_FAILURE;
}

static int
run_main(const char *program, const struct options *o)
{
	struct conf conf;
	struct err e = { 0 };

	if (!conf_read(o->dir, &conf, &e))
		return failed(&e);
	if (o->check)
		return EXIT_SUCCESS;
	logline_open("main", conf.log_level);
	return supervise_run(program, &conf, &e) ? EXIT_SUCCESS : failed(&e);
}

int
main(int argc, char **argv)
{
	struct options o;
	struct err e = { 0 };

	options_parse(argc, argv, &o);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN); /* nothing was read yet that could be read again */
	switch (o.role) {
	case ROLE_CORE:
		return core_run(&o, &e) ? EXIT_SUCCESS : failed(&e);
	case ROLE_FRONT:
		return front_run(&o, &e) ? EXIT_SUCCESS : failed(&e);
	case ROLE_KEEPER:
		return keeper_run(&o, &e) ? EXIT_SUCCESS : failed(&e);
	case ROLE_RA:
		return ra_run(&o, &e) ? EXIT_SUCCESS : failed(&e);
	case ROLE_HOOK:
		return hookproc_run(&o, &e) ? EXIT_SUCCESS : failed(&e);
	case ROLE_BACKUP:
		return backupproc_run(&o, &e) ? EXIT_SUCCESS : failed(&e);
	default:
		return run_main(argv[0], &o);
	}
}

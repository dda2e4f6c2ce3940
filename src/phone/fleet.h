/*
 * fleet: many phones, each a process of its own with its own state folder, so many at once.
 */
#ifndef PHONE_FLEET_H
#define PHONE_FLEET_H

#include "base/device.h"

#include <stdio.h>

#define FLEET_MAX 100000

struct fleet {
	struct device first; /* the others are counted up from its MAC */
	unsigned count;
	unsigned at_once;
	const char *folder; /* each phone's is below it, by its name; its console goes to
			       console.txt there */
	/* Runs one phone in a process of its own; out is its console. True: it is well. */
	bool (*run)(void *arg, const struct device *d, const char *folder, FILE *out);
	void *arg;
};

struct fleet_result {
	unsigned well, failed;
	struct device first_failed; /* when failed > 0 */
};

/* The name n phones after first. Errors: ERR_LIMIT (no such MAC), ERR_REFUSED (first is not SEP and
 * a MAC). */
must_use bool fleet_name(const struct device *first, unsigned n, struct device *out, struct err *e);

/* Runs them all. Errors: ERR_IO, those of fleet_name; then nothing is running any more. */
must_use bool fleet_run(const struct fleet *f, struct fleet_result *out, struct err *e);

#endif

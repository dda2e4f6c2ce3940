#include "phone/fleet.h"

#include "base/mem.h"
#include "phone/flash.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAC_MAX 0xffffffffffffull

/* The phones that run at this moment. */
struct crew {
	const struct fleet *fleet;
	pid_t *pids; /* at_once of them; 0: free */
	struct device *names;
	unsigned running;
	struct fleet_result result;
};

bool
fleet_name(const struct device *first, unsigned n, struct device *out, struct err *e)
{
	uint64_t mac;

	if (!device_is_sep(span_str(first->name)))
		return err_set(
		    e, ERR_REFUSED, "%s: a fleet counts up from SEP and a MAC", first->name);
	mac = strtoull(first->name + 3, NULL, 16);
	if (mac > MAC_MAX - n)
		return err_set(e, ERR_LIMIT, "there is no MAC %u after %s", n, first->name);
	snprintf(out->name, sizeof out->name, "SEP%012" PRIX64, mac + n);
	return true;
}

/* In the child. The folder is made here too, for the console is in it. */
static bool
run_one(const struct fleet *f, const struct device *d)
{
	char folder[PATH_MAX], console[PATH_MAX];
	struct flash flash;
	struct err e;
	FILE *out;
	bool ok;

	if (snprintf(folder, sizeof folder, "%s/%s", f->folder, d->name) >= (int)sizeof folder ||
	    snprintf(console, sizeof console, "%s/console.txt", folder) >= (int)sizeof console)
		return false;
	if (!flash_open(&flash, folder, &e)) {
		fprintf(stderr, "sealtone-phone: %s\n", e.text);
		return false;
	}
	flash_close(&flash);
	out = fopen(console, "we");
	if (out == NULL) {
		fprintf(stderr, "sealtone-phone: %s: %s\n", console, strerror(errno));
		return false;
	}
	ok = f->run(f->arg, d, folder, out);
	fclose(out);
	return ok;
}

static bool
start(struct crew *crew, const struct device *d, struct err *e)
{
	unsigned place = 0;
	pid_t pid;

	while (crew->pids[place] != 0)
		place++;
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return err_sys(e, "fork");
	if (pid == 0)
		_exit(run_one(crew->fleet, d) ? 0 : 1);
	crew->pids[place] = pid;
	crew->names[place] = *d;
	crew->running++;
	return true;
}

static void
count(struct crew *crew, const struct device *d, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		crew->result.well++;
		return;
	}
	if (crew->result.failed++ == 0)
		crew->result.first_failed = *d;
}

static bool
wait_for_one(struct crew *crew, struct err *e)
{
	int status;
	pid_t pid;

	do
		pid = wait(&status);
	while (pid < 0 && errno == EINTR);
	if (pid < 0)
		return err_sys(e, "wait");
	for (unsigned i = 0; i < crew->fleet->at_once; i++)
		if (crew->pids[i] == pid) {
			crew->pids[i] = 0;
			crew->running--;
			count(crew, &crew->names[i], status);
		}
	return true;
}

bool
fleet_run(const struct fleet *f, struct fleet_result *out, struct err *e)
{
	struct crew crew = { .fleet = f };
	struct err later;
	struct device d;
	bool ok = true;

	crew.pids = mem_new(f->at_once, sizeof *crew.pids);
	crew.names = mem_new(f->at_once, sizeof *crew.names);
	for (unsigned i = 0; ok && i < f->count; i++) {
		ok = fleet_name(&f->first, i, &d, e) &&
		     (crew.running < f->at_once || wait_for_one(&crew, e)) && start(&crew, &d, e);
	}
	while (crew.running > 0 && wait_for_one(&crew, ok ? e : &later))
		continue;
	*out = crew.result;
	free(crew.pids);
	free(crew.names);
	return ok;
}

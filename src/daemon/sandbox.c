#include "daemon/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define NOBODY 65534

/* The leak check of a sanitizer build traces its own process, which this would forbid. */
#ifdef __SANITIZE_ADDRESS__
#define DUMPABLE 1
#else
#define DUMPABLE 0
#endif

/* What every child gives up. */
static bool
give_up(struct err *e)
{
	const struct rlimit none = { 0, 0 };

	return (prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && prctl(PR_SET_DUMPABLE, DUMPABLE) == 0 &&
		   setrlimit(RLIMIT_CORE, &none) == 0) ||
	       err_sys(e, "cannot give up privileges");
}

bool
sandbox_child(struct err *e)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_sys(e, "cannot give up privileges");
	return give_up(e);
}

bool
sandbox_hook(const char *user, struct err *e)
{
	const struct passwd *p;

	if (geteuid() != 0 || user[0] == '\0')
		return give_up(e);
	errno = 0;
	p = getpwnam(user);
	if (p == NULL)
		return errno != 0 ? err_sys(e, "[reset] hook-user %s", user)
				  : err_set(e, ERR_UNKNOWN, "[reset] hook-user: no user %s", user);
	if (initgroups(user, p->pw_gid) != 0 || setgid(p->pw_gid) != 0 || setuid(p->pw_uid) != 0)
		return err_sys(e, "cannot become %s", user);
	return give_up(e);
}

/* A front has a descriptor for each connection; shells commonly allow 1,024. */
static void
take_all_descriptors(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
}

bool
sandbox_front(struct err *e)
{
	take_all_descriptors();
	if (geteuid() == 0 &&
	    (setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
		return err_sys(e, "cannot become nobody");
	return sandbox_child(e);
}

bool
sandbox_keeper(int nice, struct err *e)
{
	if (setpriority(PRIO_PROCESS, 0, nice) != 0)
		return err_sys(e, "cannot give way to other processes");
	return sandbox_child(e);
}

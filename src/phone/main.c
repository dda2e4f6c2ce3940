/*
 * sealtone-phone: a simulated phone, or many.
 */
#include "base/text.h"
#include "phone/fleet.h"
#include "phone/phone.h"
#include "phone/phone_keep.h"
#include "phone/phone_net.h"
#include "phone/phone_status.h"

#include <argp.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#define TFTP_PORT       69
#define HTTP_PORT       6970
#define HTTPS_PORT      6971
#define TVS_PORT        2445
#define CAPF_PORT       3804
#define HTTP_OFFSET     1 /* from --base-port */
#define HTTPS_OFFSET    2
#define TVS_OFFSET      3
#define CAPF_OFFSET     4
#define BASE_PORT_MAX   65530
#define AT_ONCE_MAX     5000
#define RETRY_MAX       3600
#define HOST_MAX        256
#define DEFAULT_MODEL   "8861"
#define CONSOLE_SAYS    "the status messages"
#define DEFAULT_AT_ONCE 50

const char *argp_program_version = "sealtone-phone 0.1.0";

struct arguments {
	struct phone_options options;
	struct phone_net net;
	const char *folder;
	const char *command;
	bool json;
	bool named;
	char host[HOST_MAX]; /* verify-https */
	uint16_t port;
	unsigned count, at_once; /* fleet */
};

enum option_key {
	KEY_SERVER = 0x100,
	KEY_BASE_PORT,
	KEY_NAME,
	KEY_STATE,
	KEY_MODEL,
	KEY_AUTH_STRING,
	KEY_TLS,
	KEY_RETRY,
	KEY_COUNT,
	KEY_AT_ONCE,
	KEY_ALL_FILES,
	KEY_JSON,
	KEY_MIC,
	KEY_MISBEHAVE,
};

static const struct argp_option options[] = {
	{ "server", KEY_SERVER, "ADDR", 0, "the TFTP server, as DHCP option 150 would name it", 0 },
	{ "base-port", KEY_BASE_PORT, "N", 0,
	    "TFTP at N, HTTP at N+1, HTTPS at N+2; TVS at N+3 and CAPF at N+4 where the "
	    "configuration names no port",
	    0 },
	{ "name", KEY_NAME, "NAME", 0, "SEP and the MAC; of a fleet, the first", 0 },
	{ "state", KEY_STATE, "DIR", 0, "where the phone keeps what it holds", 0 },
	{ "model", KEY_MODEL, "M", 0, "model number, " DEFAULT_MODEL " by default", 0 },
	{ "auth-string", KEY_AUTH_STRING, "DIGITS", 0, "what is typed for CAPF", 0 },
	{ "tls", KEY_TLS, "old|default", 0, "old: TLS 1.0 only, as the 7900 series", 0 },
	{ "retry-seconds", KEY_RETRY, "S", 0, "between tries of CAPF, 30 by default", 0 },
	{ "count", KEY_COUNT, "N", 0, "phones of a fleet", 0 },
	{ "concurrency", KEY_AT_ONCE, "C", 0, "phones that run at once, 50 by default", 0 },
	{ "all-files", KEY_ALL_FILES, NULL, 0,
	    "fetch the ring list, locales and whatever else the configuration names, too", 0 },
	{ "mic", KEY_MIC, "FILE", 0, "PEM with the manufacturer's certificate and its key; kept",
	    0 },
	{ "capf-misbehave", KEY_MISBEHAVE, "HOW", 0,
	    "break the rules once, and do not try again: HOW is one of those below", 0 },
	{ "json", KEY_JSON, NULL, 0, "data as JSON, and no console", 0 },
	{ 0 },
};

static const char help[] =
    "A simulated Cisco IP phone: it believes only what a real one would.\v"
    "Commands:\n"
    "  boot                    trust lists, configuration, CAPF\n"
    "  status                  what the phone's menus show\n"
    "  erase-itl               erase the trust lists (the phone erases CTL and ITL)\n"
    "  erase-lsc               erase the LSC\n"
    "  verify-https HOST:PORT  open a secure URL, checked through TVS\n"
    "  fleet                   boot many phones (--count, --concurrency)\n"
    "Exit status: 0 well, 1 not (for boot: no configuration was accepted, or a list was refused), "
    "2 wrong usage.\n"
    "HOW of --capf-misbehave: ";

/* The words of --capf-misbehave behind the help. */
static char *
complete_help(int key, const char *text, void *input)
{
	char *whole = NULL;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)(uintptr_t)text;
	if (asprintf(&whole, "%s%s.\n", text, misbehave_words()) < 0)
		return (char *)(uintptr_t)text;
	return whole; /* argp frees it */
}

static unsigned long
number(struct argp_state *state, const char *what, const char *text, unsigned long min,
    unsigned long max)
{
	unsigned long v = 0;

	if (!text_number(text, min, max, &v))
		argp_error(state, "%s: '%s' is not a number from %lu to %lu", what, text, min, max);
	return v;
}

static const char *
digits(struct argp_state *state, const char *what, char *text, size_t max)
{
	size_t n = strspn(text, "0123456789");

	if (n == 0 || n > max || text[n] != '\0')
		argp_error(state, "%s: '%s' is not 1 to %zu digits", what, text, max);
	return text;
}

static void
set_name(struct argp_state *state, struct arguments *a, const char *text)
{
	struct err e;

	if (!device_parse(span_str(text), &a->options.device, &e))
		argp_error(state, "--name: %s", e.text);
	a->named = true;
}

static void
set_base_port(struct argp_state *state, struct arguments *a, const char *text)
{
	unsigned long n = number(state, "--base-port", text, 1, BASE_PORT_MAX);

	a->net.tftp_port = (uint16_t)n;
	a->net.http_port = (uint16_t)(n + HTTP_OFFSET);
	a->net.https_port = (uint16_t)(n + HTTPS_OFFSET);
	a->options.tvs_port = (uint16_t)(n + TVS_OFFSET);
	a->options.capf_port = (uint16_t)(n + CAPF_OFFSET);
}

static void
set_tls(struct argp_state *state, struct arguments *a, const char *text)
{
	if (strcmp(text, "old") != 0 && strcmp(text, "default") != 0)
		argp_error(state, "--tls: '%s' is not old or default", text);
	a->net.old_tls = strcmp(text, "old") == 0;
}

static void
set_misbehaviour(struct argp_state *state, struct arguments *a, const char *text)
{
	if (!misbehave_from_word(text, &a->options.misbehave))
		argp_error(state, "--capf-misbehave: '%s' is none of %s", text, misbehave_words());
}

/* HOST:PORT, [ADDR6]:PORT. */
static void
set_target(struct argp_state *state, struct arguments *a, const char *text)
{
	const char *colon = strrchr(text, ':');
	size_t n = colon != NULL ? (size_t)(colon - text) : 0;

	if (n > 2 && text[0] == '[' && text[n - 1] == ']') {
		text++;
		n -= 2;
	}
	if (n == 0 || n >= sizeof a->host)
		argp_error(state, "verify-https: '%s' is not HOST:PORT", text);
	memcpy(a->host, text, n);
	a->port = (uint16_t)number(state, "verify-https", colon + 1, 1, 65535);
}

static bool
takes_server(const char *command)
{
	return strcmp(command, "boot") == 0 || strcmp(command, "fleet") == 0;
}

static void
check(struct argp_state *state, const struct arguments *a)
{
	if (a->command == NULL)
		argp_usage(state);
	if (!a->named)
		argp_error(state, "--name is needed");
	if (a->folder == NULL)
		argp_error(state, "--state is needed");
	if (takes_server(a->command) && a->net.server == NULL)
		argp_error(state, "%s needs --server", a->command);
	if (strcmp(a->command, "verify-https") == 0 && a->port == 0)
		argp_error(state, "verify-https needs HOST:PORT");
	if (strcmp(a->command, "fleet") == 0 && a->count == 0)
		argp_error(state, "fleet needs --count");
}

static error_t
take_word(struct argp_state *state, struct arguments *a, const char *word)
{
	static const char *const commands[] = { "boot", "status", "erase-itl", "erase-lsc",
		"verify-https", "fleet" };

	if (a->command != NULL) {
		if (strcmp(a->command, "verify-https") != 0 || a->port != 0)
			argp_error(state, "'%s' is one word too many", word);
		set_target(state, a, word);
		return 0;
	}
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (strcmp(word, commands[i]) == 0)
			a->command = commands[i];
	if (a->command == NULL)
		argp_error(state, "'%s' is no command", word);
	return 0;
}

static error_t
take_number(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case KEY_BASE_PORT:
		set_base_port(state, a, text);
		return 0;
	case KEY_RETRY:
		a->options.retry_seconds =
		    (unsigned)number(state, "--retry-seconds", text, 0, RETRY_MAX);
		return 0;
	case KEY_COUNT:
		a->count = (unsigned)number(state, "--count", text, 1, FLEET_MAX);
		return 0;
	case KEY_AT_ONCE:
		a->at_once = (unsigned)number(state, "--concurrency", text, 1, AT_ONCE_MAX);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t
take_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case KEY_SERVER:
		a->net.server = a->options.server = text;
		return 0;
	case KEY_NAME:
		set_name(state, a, text);
		return 0;
	case KEY_STATE:
		a->folder = text;
		return 0;
	case KEY_MODEL:
		a->options.model = digits(state, "--model", text, PHONE_MODEL_MAX - 1);
		return 0;
	case KEY_AUTH_STRING:
		a->options.auth_string = digits(state, "--auth-string", text, 15);
		return 0;
	case KEY_TLS:
		set_tls(state, a, text);
		return 0;
	case KEY_ALL_FILES:
		a->options.all_files = true;
		return 0;
	case KEY_MIC:
		a->options.mic = text;
		return 0;
	case KEY_MISBEHAVE:
		set_misbehaviour(state, a, text);
		return 0;
	case KEY_JSON:
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		return take_word(state, a, text);
	case ARGP_KEY_END:
		check(state, a);
		return 0;
	default:
		return take_number(key, text, state);
	}
}

static int
fail(const struct err *e)
{
	fprintf(stderr, "sealtone-phone: %s\n", e->text);
	return 1;
}

static int
run_command(struct handset *h, const struct arguments *a)
{
	struct err e;
	bool ok;

	if (strcmp(a->command, "boot") == 0) {
		ok = phone_boot(h);
		phone_status_print(h, a->json, stdout);
		err_set(&e, ERR_REFUSED,
		    "%s: a list was refused, or no configuration accepted: see %s",
		    a->options.device.name, CONSOLE_SAYS);
		return ok ? 0 : fail(&e);
	}
	if (strcmp(a->command, "verify-https") == 0) {
		err_set(&e, ERR_REFUSED, "https://%s:%u was refused: see %s", a->host, a->port,
		    CONSOLE_SAYS);
		return phone_verify_https(h, a->host, a->port) ? 0 : fail(&e);
	}
	if (strcmp(a->command, "erase-itl") == 0)
		return phone_erase_lists(h, &e) ? 0 : fail(&e);
	if (strcmp(a->command, "erase-lsc") == 0)
		return phone_erase_lsc(h, &e) ? 0 : fail(&e);
	phone_status_print(h, a->json, stdout);
	return 0;
}

static int
run_phone(struct arguments *a)
{
	const struct phone_io io = phone_net_io(&a->net);
	bool quiet = a->json || strcmp(a->command, "status") == 0;
	struct handset h;
	struct err e;
	int status;

	if (phone_open(&h, &a->options, &io, a->folder, quiet ? NULL : stdout, &e) &&
	    (a->options.mic == NULL || phone_keep_mic(&h, a->options.mic, &e)))
		status = run_command(&h, a);
	else
		status = fail(&e);
	phone_close(&h);
	return status;
}

/* One phone of a fleet, in its own process. */
static bool
run_member(void *arg, const struct device *d, const char *folder, FILE *out)
{
	struct arguments *a = arg;
	struct phone_options of_this = a->options;
	const struct phone_io io = phone_net_io(&a->net);
	struct handset h;
	struct err e;
	bool ok;

	of_this.device = *d;
	ok = phone_open(&h, &of_this, &io, folder, out, &e);
	if (!ok)
		fprintf(out, "%s\n", e.text);
	ok = ok && phone_boot(&h);
	if (ok)
		phone_status_print(&h, false, out);
	phone_close(&h);
	return ok;
}

static double
seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
run_fleet(struct arguments *a)
{
	const struct fleet fleet = { .first = a->options.device,
		.count = a->count,
		.at_once = a->at_once < a->count ? a->at_once : a->count,
		.folder = a->folder,
		.run = run_member,
		.arg = a };
	struct fleet_result result;
	double began = seconds_now();
	struct err e;

	if (!fleet_run(&fleet, &result, &e))
		return fail(&e);
	printf(a->json ? "{\"phones\": %u, \"booted\": %u, \"failed\": %u, \"seconds\": %.1f}\n"
		       : "fleet: %u phones, %u booted, %u failed, %.1f seconds\n",
	    a->count, result.well, result.failed, seconds_now() - began);
	if (result.failed == 0)
		return 0;
	fprintf(stderr, "sealtone-phone: %u of %u phones failed; see %s/%s/console.txt\n",
	    result.failed, a->count, a->folder, result.first_failed.name);
	return 1;
}

int
main(int argc, char **argv)
{
	static const struct argp argp = { options, take_option, "COMMAND [HOST:PORT]", help, NULL,
		complete_help, NULL };
	struct arguments a = { .options = { .server = "",
				   .model = DEFAULT_MODEL,
				   .tvs_port = TVS_PORT,
				   .capf_port = CAPF_PORT,
				   .retry_seconds = PHONE_RETRY_SECONDS },
		.net = { .tftp_port = TFTP_PORT, .http_port = HTTP_PORT, .https_port = HTTPS_PORT },
		.at_once = DEFAULT_AT_ONCE };

	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	signal(SIGPIPE, SIG_IGN);
	return strcmp(a.command, "fleet") == 0 ? run_fleet(&a) : run_phone(&a);
}

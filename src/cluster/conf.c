#include "cluster/conf.h"

#include "base/text.h"
#include "base/wr.h"
#include "cluster/conf_row.h"
#include "files/wholefile.h"

#include <assert.h>
#include <ini.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CONF_NAME     "sealtone.conf"
#define CONF_FILE_MAX (64 * 1024)
#define DIR_MAX       (CONF_PATH_MAX - 64) /* leaves room for the names below it */
#define ROWS_MAX      128

struct conf
conf_default(const char *dir)
{
	struct conf c = {
		.file_max_mb = 256,
		.cache_mb = 256,
		.server_names = CONF_SERVERS_BY_IP,
		.generation = GENERATION_G12,
		.digest = ENVELOPE_SHA1,
		.bridges = true,
		.bridge_signers = TRUSTLIST_BRIDGE_SIGNERS,
		.bridge_proof = CONF_PROOF_BOOT,
		.tvs_idle_s = 60,
		.capf_answer_s = 60,
		.capf_keygen_s = 1800,
		.capf_keygen_tries = 3,
		.capf_names = "SEP ATA CSF TCT BOT TAB",
		.cert_warn_days = 60,
		.lsc_days = 1825,
		.crl_days = 7,
		.online_ca_timeout_s = 15,
		.renew_window = (22 * 60U) << 16 | 5 * 60U,
		.renew_per_window = 500,
		.renew_at_once = 50,
		.expired_mic = CONF_EXPIRED_REFUSE,
		.auth_string_tries = 5,
		.address_tries = 30,
		.handshake_s = 20,
		.connections = 10000,
		.connections_per_address = 2000,
		.tftp_transfers = 20000,
		.tftp_transfers_per_address = 10000,
		.http_connections = 10000,
		.http_connections_per_address = 2000,
		.http_idle_s = 30,
		.seen_phones = 20000,
		.reset_hook_s = 60,
		.reset_hooks_at_once = 8,
		.activate = true,
		.activate_share = 100,
		.backup_at = 3 * 60U,
		.backup_after_changes = true,
		.backup_keep_days = 30,
		.backup_keep_least = 5,
		.log_level = LOG_INFO,
	};

	snprintf(c.dir, sizeof c.dir, "%s", dir);
	snprintf(c.provisioning_dir, sizeof c.provisioning_dir, "%s/tftpboot", dir);
	snprintf(c.key_file, sizeof c.key_file, "%s/keys.passphrase", dir);
	snprintf(
	    c.online_ca_secret_file, sizeof c.online_ca_secret_file, "%s/online-ca.secret", dir);
	conf_set_ports(&c, 0);
	return c;
}

void
conf_set_ports(struct conf *c, uint16_t base)
{
	if (base == 0) {
		c->ports = (struct conf_ports){ 69, 6970, 6971, 2445, 3804, 8443 };
		return;
	}
	c->ports = (struct conf_ports){ base, (uint16_t)(base + 1), (uint16_t)(base + 2),
		(uint16_t)(base + 3), (uint16_t)(base + 4), (uint16_t)(base + 5) };
}

/* One reading. inih as Debian builds it does not tell lines to the handler, so the reader that
 * feeds it counts them. */
struct reading {
	struct span left;
	unsigned line;
	unsigned set_in[ROWS_MAX]; /* line that has set a row; 0: none yet */
	struct conf *conf;
	struct err *e;
	unsigned failed_in; /* line of the fault in e; 0: none yet */
};

/* Keeps the first error. Always 0, inih's word for it. */
static int
reading_fail(struct reading *r, const struct err *why)
{
	if (r->failed_in == 0) {
		err_set(r->e, why->code, "%s", why->text);
		err_in(r->e, "%s:%u", CONF_NAME, r->line);
		r->failed_in = r->line;
	}
	return 0;
}

static bool
section_check(const char *line, struct err *e)
{
	const char *end = strchr(line, ']');
	char section[64];

	if (line[0] != '[' || end == NULL)
		return true;
	snprintf(section, sizeof section, "%.*s", (int)(end - line - 1), line + 1);
	return conf_row_section_exists(section) ||
	       err_set(e, ERR_MALFORMED, "unknown section [%s]", section);
}

/* Gives inih the next line; NULL at the end, or at the first fault. */
static char *
next_line(char *out, int max, void *arg)
{
	struct reading *r = arg;
	const uint8_t *end;
	struct err why;
	size_t n;

	if (r->failed_in != 0 || r->left.n == 0)
		return NULL;
	r->line++;
	end = memchr(r->left.p, '\n', r->left.n);
	n = end != NULL ? (size_t)(end - r->left.p) + 1 : r->left.n;
	if (n >= (size_t)max) {
		err_set(&why, ERR_MALFORMED, "the line is longer than %d characters", max - 2);
		reading_fail(r, &why);
		return NULL;
	}
	memcpy(out, r->left.p, n);
	out[n] = '\0';
	r->left = span_of(r->left.p + n, r->left.n - n);
	if (section_check(out, &why))
		return out;
	reading_fail(r, &why);
	return NULL;
}

static bool
setting_take(
    struct reading *r, const char *section, const char *name, const char *value, struct err *e)
{
	const struct conf_row *row = conf_row_find(section, name);
	size_t count, i;

	if (section[0] == '\0')
		return err_set(e, ERR_MALFORMED, "%s stands before the first [section]", name);
	if (row == NULL)
		return err_set(e, ERR_MALFORMED, "[%s] has no setting %s", section, name);
	i = (size_t)(row - conf_rows(&count));
	assert(count <= ROWS_MAX);
	if (r->set_in[i] != 0 && row->kind != CONF_ADDRESSES)
		return err_set(e, ERR_MALFORMED, "[%s] %s: is set in line %u already", section,
		    name, r->set_in[i]);
	r->set_in[i] = r->line;
	return conf_row_set(row, r->conf, value, e) || err_in(e, "[%s] %s", section, name);
}

static int
on_setting(void *arg, const char *section, const char *name, const char *value)
{
	struct reading *r = arg;
	struct err why;

	return setting_take(r, section, name, value, &why) ? 1 : reading_fail(r, &why);
}

static bool
text_parse(struct span text, struct conf *c, struct err *e)
{
	struct reading r = { .left = text, .conf = c, .e = e };
	int bad;

	if (text.n > 0 && memchr(text.p, 0, text.n) != NULL)
		return err_set(e, ERR_MALFORMED, "%s: holds a NUL byte", CONF_NAME);
	bad = ini_parse_stream(next_line, &r, on_setting, &r);
	if (bad > 0 && (r.failed_in == 0 || (unsigned)bad < r.failed_in))
		return err_set(e, ERR_MALFORMED,
		    "%s:%d: is neither \"[section]\" nor \"setting = value\"", CONF_NAME, bad);
	return bad == 0 && r.failed_in == 0;
}

/* All but TFTP are TCP; port 0 is nobody's. */
static bool
ports_check(const struct conf_ports *p, struct err *e)
{
	const struct {
		const char *name;
		uint16_t port;
	} tcp[] = { { "http-port", p->http }, { "https-port", p->https }, { "tvs-port", p->tvs },
		{ "capf-port", p->capf }, { "web-port", p->web } };
	const size_t count = sizeof tcp / sizeof *tcp;

	for (size_t i = 0; i < count; i++)
		for (size_t j = i + 1; j < count; j++)
			if (tcp[i].port != 0 && tcp[i].port == tcp[j].port)
				return err_set(e, ERR_MALFORMED,
				    "%s: [network] %s and %s: must differ, both are %u", CONF_NAME,
				    tcp[i].name, tcp[j].name, tcp[i].port);
	return true;
}

static bool
transfer_ports_check(const struct conf *c, struct err *e)
{
	if ((c->tftp_port_first == 0) == (c->tftp_port_last == 0) &&
	    c->tftp_port_first <= c->tftp_port_last)
		return true;
	return err_set(e, ERR_MALFORMED,
	    "%s: [network] tftp-port-first and tftp-port-last: must be a range, or 0 both; they "
	    "are %u and %u",
	    CONF_NAME, c->tftp_port_first, c->tftp_port_last);
}

static bool
online_check(const struct conf *c, struct err *e)
{
	return c->lsc_issuer != CONF_ISSUER_ONLINE ||
	       (c->online_ca_url[0] != '\0' && c->online_ca_reference[0] != '\0') ||
	       err_set(e, ERR_MALFORMED,
		   "%s: [capf] lsc-issuer = online: needs online-ca-url and online-ca-reference",
		   CONF_NAME);
}

/* What old TLS decrypts for strangers can be made to sign for them when one check of its padding
 * can be told from another. */
static bool
issuer_check(const struct conf *c, struct err *e)
{
	if (!c->capf_old_tls || c->lsc_issuer != CONF_ISSUER_CAPF)
		return true;
	return err_set(e, ERR_MALFORMED,
	    "%s: [capf] lsc-issuer = capf: does not go with old-tls = yes, whose RSA key exchange "
	    "puts the key that would sign at risk: set own or auto",
	    CONF_NAME);
}

bool
conf_issuer_is_own(const struct conf *c)
{
	return c->lsc_issuer == CONF_ISSUER_OWN ||
	       (c->lsc_issuer == CONF_ISSUER_AUTO && c->capf_old_tls);
}

bool
conf_issuer_is_external(const struct conf *c)
{
	return c->lsc_issuer == CONF_ISSUER_OFFLINE || c->lsc_issuer == CONF_ISSUER_ONLINE;
}

static bool
path_join(const char *dir, char out[PATH_MAX], struct err *e)
{
	if (strlen(dir) >= DIR_MAX)
		return err_set(e, ERR_LIMIT, "%.60s...: a cluster's path has at most %d characters",
		    dir, DIR_MAX - 1);
	snprintf(out, PATH_MAX, "%s/%s", dir, CONF_NAME);
	return true;
}

bool
conf_read(const char *dir, struct conf *out, struct err *e)
{
	char whole[PATH_MAX], path[PATH_MAX];
	struct bytes text;
	struct conf c;
	bool ok;

	if (realpath(dir, whole) == NULL)
		return err_sys(e, "cluster folder %s", dir);
	if (!path_join(whole, path, e) || !wholefile_read(path, CONF_FILE_MAX, &text, e))
		return false;
	c = conf_default(whole);
	ok = text_parse(bytes_span(&text), &c, e) && ports_check(&c.ports, e) &&
	     transfer_ports_check(&c, e) && issuer_check(&c, e) && online_check(&c, e);
	bytes_free(&text);
	if (ok)
		*out = c;
	return ok;
}

static void
help_write(struct wr *w, const struct conf_row *row, const char *standard)
{
	char range[CONF_RANGE_MAX];

	wr_text(w, "# ");
	for (const char *p = row->help; *p != '\0'; p++) {
		wr_u8(w, (uint8_t)*p);
		if (*p == '\n')
			wr_text(w, "# ");
	}
	conf_row_range(row, range);
	wr_text(w, "\n# Value: ");
	wr_text(w, range);
	if (standard[0] != '\0') {
		wr_text(w, "; default: ");
		wr_text(w, standard);
	}
	wr_text(w, "\n");
}

static void
setting_write(struct wr *w, const struct conf_row *row, const char *value)
{
	wr_text(w, row->name);
	wr_text(w, " = ");
	wr_text(w, value);
	wr_text(w, "\n");
}

static void
row_write(
    struct wr *w, const struct conf_row *row, const struct conf *c, const struct conf *standard)
{
	char value[CONF_PATH_MAX] = "";
	size_t i = 0;

	if (!conf_row_value(row, standard, 0, value))
		value[0] = '\0';
	help_write(w, row, value);
	while (conf_row_value(row, c, i, value)) {
		setting_write(w, row, value);
		i++;
	}
	if (i == 0) {
		wr_text(w, "#");
		setting_write(w, row, "192.0.2.10");
	}
	wr_text(w, "\n");
}

static const char file_head[] =
    "# The settings of this cluster. sealtoned reads them when it starts, and again at SIGHUP;\n"
    "# addresses, ports, workers, [limits] and the other times wait for a restart. All else is\n"
    "# set with sealtone. A setting that is not here has its default.\n\n";

bool
conf_write(const struct conf *c, struct err *e)
{
	struct conf standard = conf_default(c->dir);
	struct wr w = wr_new(CONF_FILE_MAX);
	struct bytes text;
	char path[PATH_MAX];
	size_t count;
	const struct conf_row *row = conf_rows(&count);
	bool ok;

	wr_text(&w, file_head);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || strcmp(row[i].section, row[i - 1].section) != 0) {
			wr_text(&w, "[");
			wr_text(&w, row[i].section);
			wr_text(&w, "]\n");
		}
		row_write(&w, &row[i], c, &standard);
	}
	if (!wr_done(&w, &text, e))
		return false;
	ok = path_join(c->dir, path, e) &&
	     wholefile_write_new(path, bytes_span(&text), S_IRUSR | S_IWUSR, e);
	bytes_free(&text);
	return ok;
}

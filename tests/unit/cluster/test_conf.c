#include "../check.h"

#include "cluster/conf.h"
#include "cluster/conf_row.h"
#include "tempdir.h"
#include "wire/envelope.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
	char dir[TEMPDIR_MAX];
	char file[TEMPDIR_MAX + 32];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	tempdir_make(f->dir);
	tempdir_path(f->dir, "sealtone.conf", f->file, sizeof f->file);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tempdir_remove(f->dir);
	free(f);
	return 0;
}

static void
put_file(const struct fixture *f, const void *text, size_t n)
{
	FILE *out = fopen(f->file, "w");

	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, n, out), n);
	fclose(out);
}

static void
put_text(const struct fixture *f, const char *text)
{
	put_file(f, text, strlen(text));
}

/* One setting in line 3. */
static void
put_setting(const struct fixture *f, const char *section, const char *name, const char *value)
{
	char text[512];

	snprintf(text, sizeof text, "# a comment\n[%s]\n%s = %s\n", section, name, value);
	put_text(f, text);
}

static void
conf_read_takes_what_conf_write_writes(void **state)
{
	const struct fixture *f = *state;
	struct conf c = conf_default(f->dir), back;
	struct err e = { 0 };
	struct stat st;

	conf_set_ports(&c, 20000);
	c.generation = GENERATION_G10;
	c.digest = ENVELOPE_SHA512;
	c.tvs_old_tls = true;
	c.workers = 3;
	c.log_level = LOG_DEBUG;
	c.listen_count = 2;
	snprintf(c.listen[0], CONF_ADDRESS_MAX, "127.0.0.1");
	snprintf(c.listen[1], CONF_ADDRESS_MAX, "::1");
	snprintf(c.provisioning_dir, CONF_PATH_MAX, "/srv/tftp");
	c.ports.https = 0;
	c.tftp_port_first = 40000;
	c.tftp_port_last = 40255;
	c.cache_mb = 512;
	c.server_names = CONF_SERVERS_BY_NAME;
	c.http_connections_per_address = 77;
	c.keepers = 2;
	snprintf(c.lsc_org, CONF_TEXT_MAX, "Example Systems");
	snprintf(c.ocsp_url, CONF_TEXT_MAX, "http://192.0.2.10:6970/ocsp");
	snprintf(c.lsc_country, CONF_TEXT_MAX, "US");
	snprintf(c.reset_hook, CONF_PATH_MAX, "%.900s/hook", f->dir);
	snprintf(c.backup_folder, CONF_PATH_MAX, "/mnt/backups");
	c.backup_at = 23 * 60 + 5;
	assert_ok(conf_write(&c, &e), e);
	assert_int_equal(stat(f->file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_ok(conf_read(f->dir, &back, &e), e);
	assert_string_equal(back.dir, f->dir);
	assert_memory_equal(&back.ports, &c.ports, sizeof c.ports);
	assert_int_equal(back.ports.web, 20005);
	assert_int_equal(back.generation, GENERATION_G10);
	assert_int_equal(back.digest, ENVELOPE_SHA512);
	assert_true(back.tvs_old_tls && !back.capf_old_tls);
	assert_int_equal(back.workers, 3);
	assert_int_equal(back.log_level, LOG_DEBUG);
	assert_int_equal(back.listen_count, 2);
	assert_string_equal(back.listen[1], "::1");
	assert_string_equal(back.provisioning_dir, "/srv/tftp");
	assert_string_equal(back.key_file, c.key_file);
	assert_int_equal(back.capf_keygen_s, 1800);
	assert_int_equal(back.tftp_port_first, 40000);
	assert_int_equal(back.tftp_port_last, 40255);
	assert_int_equal(back.cache_mb, 512);
	assert_int_equal(back.server_names, CONF_SERVERS_BY_NAME);
	assert_int_equal(back.http_connections_per_address, 77);
	assert_int_equal(back.http_connections, 10000);
	assert_int_equal(back.keepers, 2);
	assert_string_equal(back.lsc_org, "Example Systems");
	assert_string_equal(back.lsc_country, "US");
	assert_string_equal(back.lsc_unit, "");
	assert_string_equal(back.reset_hook, c.reset_hook);
	assert_string_equal(back.reset_user, "");
	assert_string_equal(back.backup_folder, "/mnt/backups");
	assert_string_equal(back.backup_passphrase, "");
	assert_int_equal(back.backup_at, 23 * 60 + 5);
	assert_string_equal(back.ocsp_url, "http://192.0.2.10:6970/ocsp");
}

static void
conf_write_overwrites_nothing(void **state)
{
	const struct fixture *f = *state;
	struct conf c = conf_default(f->dir);
	struct err e;

	put_text(f, "");
	assert_fails(conf_write(&c, &e), e, ERR_CONFLICT, "exists already");
}

/* So that the folder can be moved. */
static void
conf_write_names_paths_below_the_folder_from_there(void **state)
{
	const struct fixture *f = *state;
	struct conf c = conf_default(f->dir);
	struct err e = { 0 };
	char text[16384] = "";
	FILE *in;

	assert_ok(conf_write(&c, &e), e);
	in = fopen(f->file, "r");
	assert_true(fread(text, 1, sizeof text - 1, in) > 0);
	fclose(in);
	assert_null(strstr(text, f->dir));
	assert_non_null(strstr(text, "\nprovisioning-dir = tftpboot\n"));
	assert_non_null(
	    strstr(text, "# Value: 1 to 3600 seconds; default: 60\nidle-timeout = 60\n"));
	assert_non_null(strstr(text, "# Value: G8, G10 or G12; default: G12\n"));
}

static void
conf_read_of_an_empty_file_gives_the_defaults(void **state)
{
	const struct fixture *f = *state;
	struct conf c, standard = conf_default(f->dir);
	struct err e = { 0 };

	put_text(f, "");
	assert_ok(conf_read(f->dir, &c, &e), e);
	assert_memory_equal(&c.ports, &standard.ports, sizeof c.ports);
	assert_int_equal(c.ports.tftp, 69);
	assert_int_equal(c.ports.web, 8443);
	assert_int_equal(c.listen_count, 0);
	assert_int_equal(c.generation, GENERATION_G12);
}

static const char *
a_bad_value(const struct conf_row *row, char out[32])
{
	switch (row->kind) {
	case CONF_PORT:
	case CONF_NUMBER:
		snprintf(out, 32, "%u", row->max + 1);
		return out;
	case CONF_PATH:
		return "";
	case CONF_PATH_OR_NONE:
		return "hooks/";
	case CONF_WINDOW:
		return "22:00-24:00";
	case CONF_MINUTE:
		return "24:00";
	case CONF_WORDS:
		return "sep";
	case CONF_ADDRESSES:
		return "phones.example.com";
	case CONF_SWITCH:
	case CONF_GENERATION:
	case CONF_DIGEST:
	case CONF_SERVER_NAMES:
	case CONF_LSC_USAGES:
	case CONF_LSC_ISSUER:
	case CONF_EXPIRED_MIC:
	case CONF_BRIDGE_PROOF:
	case CONF_LEVEL:
		return "maybe";
	case CONF_URL:
	case CONF_HTTP_URL:
		return "ftp://192.0.2.10/";
	case CONF_NAME_PART:
		return row->max == 2 ? "us" : "Bell, Watson";
	}
	return "";
}

/* Every row: a value out of range is refused with file, line, setting and range. */
static void
conf_read_names_file_line_setting_and_range_of_a_bad_value(void **state)
{
	const struct fixture *f = *state;
	size_t count;
	const struct conf_row *row = conf_rows(&count);

	for (size_t i = 0; i < count; i++) {
		char range[CONF_RANGE_MAX], want[256], bad[32];
		struct conf c;
		struct err e;

		conf_row_range(&row[i], range);
		snprintf(want, sizeof want, "sealtone.conf:3: [%s] %s: must be %s", row[i].section,
		    row[i].name, range);
		put_setting(f, row[i].section, row[i].name, a_bad_value(&row[i], bad));
		assert_fails(conf_read(f->dir, &c, &e), e, ERR_MALFORMED, want);
		assert_string_equal(e.text, want);
	}
}

static void
conf_read_takes_the_ends_of_every_range_and_nothing_else(void **state)
{
	static const char *const junk[] = { "", "-1", "1x", "0x10", "99999999999999999999", "1.5" };
	const struct fixture *f = *state;
	size_t count;
	const struct conf_row *row = conf_rows(&count);

	for (size_t i = 0; i < count; i++) {
		char value[32];
		struct conf c;
		struct err e = { 0 };

		if (row[i].kind != CONF_NUMBER)
			continue;
		snprintf(value, sizeof value, "%u", row[i].min);
		put_setting(f, row[i].section, row[i].name, value);
		assert_ok(conf_read(f->dir, &c, &e), e);
		snprintf(value, sizeof value, "%u", row[i].max);
		put_setting(f, row[i].section, row[i].name, value);
		assert_ok(conf_read(f->dir, &c, &e), e);
		for (size_t j = 0; j < sizeof junk / sizeof *junk; j++) {
			put_setting(f, row[i].section, row[i].name, junk[j]);
			assert_fails(conf_read(f->dir, &c, &e), e, ERR_MALFORMED, "must be");
		}
	}
}

static void
conf_read_refuses_what_it_does_not_know(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "\n[network]\ntftp-prot = 69\n",
		    "sealtone.conf:3: [network] has no setting tftp-prot" },
		{ "[tvs]\n\n[netwrok]\n", "sealtone.conf:3: unknown section [netwrok]" },
		{ "old-tls = yes\n", "sealtone.conf:1: old-tls stands before the first [section]" },
		{ "[tvs]\nold-tls yes\n", "sealtone.conf:2: is neither" },
		{ "[tvs\nold-tls = yes\n", "sealtone.conf:1: is neither" },
		{ "[tvs]\nold-tls = yes\n\nold-tls = no\n",
		    "sealtone.conf:4: [tvs] old-tls: is set in line 2 already" },
		{ "[tvs]\nidle-timeout = 5\n  6\n", "sealtone.conf:3: [tvs] idle-timeout: is set" },
		{ "[network]\nhttp-port = 2445\n",
		    "[network] http-port and tvs-port: must differ" },
		{ "[network]\ntftp-port-first = 40000\n",
		    "tftp-port-first and tftp-port-last: must be a range" },
		{ "[network]\ntftp-port-first = 40001\ntftp-port-last = 40000\n",
		    "must be a range, or 0 both; they are 40001 and 40000" },
		{ "[network]\nlisten = ::1\nlisten = ::1\n", "sealtone.conf:3: [network] listen" },
	};
	const struct fixture *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct conf c;
		struct err e;

		put_text(f, rows[i].text);
		assert_fails(conf_read(f->dir, &c, &e), e, ERR_MALFORMED, rows[i].want);
	}
}

static void
conf_read_lets_http_and_https_be_switched_off(void **state)
{
	const struct fixture *f = *state;
	struct conf c;
	struct err e = { 0 };

	put_text(f, "[network]\nhttp-port = 0\nhttps-port = 0\n");
	assert_ok(conf_read(f->dir, &c, &e), e);
	assert_int_equal(c.ports.http, 0);
	assert_int_equal(c.ports.https, 0);
	put_text(f, "[network]\ntvs-port = 0\n");
	assert_fails(conf_read(f->dir, &c, &e), e, ERR_MALFORMED, "must be 1 to 65535");
}

static void
conf_read_takes_two_words_for_a_switch(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} rows[] = {
		{ "[tvs]\nold-tls = yes\n", true },
		{ "[tvs]\nold-tls = on\n", true },
		{ "[tvs]\nold-tls = no\n", false },
		{ "[tvs]\nold-tls = off\n", false },
	};
	const struct fixture *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct conf c;
		struct err e = { 0 };

		put_text(f, rows[i].text);
		assert_ok(conf_read(f->dir, &c, &e), e);
		assert_int_equal(c.tvs_old_tls, rows[i].want);
	}
}

static void
conf_read_reports_the_first_fault_and_only_that(void **state)
{
	const struct fixture *f = *state;
	struct conf c;
	struct err e;

	put_text(f, "[tvs]\nidle-timeout = 0\nold-tls = maybe\n[x]\n");
	assert_fails(conf_read(f->dir, &c, &e), e, ERR_MALFORMED,
	    "sealtone.conf:2: [tvs] idle-timeout: must be 1 to 3600 seconds");
}

static void
conf_read_refuses_long_lines_and_nul_bytes(void **state)
{
	const struct fixture *f = *state;
	char text[400];
	struct conf c;
	struct err e;

	memset(text, 'x', sizeof text);
	memcpy(text, "#\n", 2);
	put_file(f, text, sizeof text);
	assert_fails(conf_read(f->dir, &c, &e), e, ERR_MALFORMED,
	    "sealtone.conf:2: the line is longer than 198 characters");
	put_file(f, "[tvs]\0\n", 7);
	assert_fails(conf_read(f->dir, &c, &e), e, ERR_MALFORMED, "NUL");
}

static void
conf_read_says_that_the_file_is_missing(void **state)
{
	const struct fixture *f = *state;
	struct conf c;
	struct err e;

	assert_fails(conf_read(f->dir, &c, &e), e, ERR_IO, "sealtone.conf: No such file");
	assert_fails(conf_read("/nonexistent", &c, &e), e, ERR_IO, "/nonexistent");
}

#define WITH_DIR(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DIR(conf_read_takes_what_conf_write_writes),
		WITH_DIR(conf_write_overwrites_nothing),
		WITH_DIR(conf_write_names_paths_below_the_folder_from_there),
		WITH_DIR(conf_read_of_an_empty_file_gives_the_defaults),
		WITH_DIR(conf_read_names_file_line_setting_and_range_of_a_bad_value),
		WITH_DIR(conf_read_takes_the_ends_of_every_range_and_nothing_else),
		WITH_DIR(conf_read_refuses_what_it_does_not_know),
		WITH_DIR(conf_read_reports_the_first_fault_and_only_that),
		WITH_DIR(conf_read_lets_http_and_https_be_switched_off),
		WITH_DIR(conf_read_takes_two_words_for_a_switch),
		WITH_DIR(conf_read_refuses_long_lines_and_nul_bytes),
		WITH_DIR(conf_read_says_that_the_file_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

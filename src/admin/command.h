/*
 * command: the commands of sealtone as a table, and what one call of a command was given.
 */
#ifndef ADMIN_COMMAND_H
#define ADMIN_COMMAND_H

#include "base/err.h"

#define COMMAND_OPTIONS_MAX 16
#define COMMAND_GIVEN_MAX   256

struct command_option {
	const char *name; /* without dashes */
	const char *arg;  /* NULL: a switch */
	const char *doc;
};

struct command;

struct invocation {
	const struct command *command;
	const char *dir; /* --dir or SEALTONE_DIR; NULL: neither */
	bool dir_given;  /* by --dir */
	bool json;
	const char **word; /* positional arguments */
	size_t words;
	struct {
		const char *name, *value; /* value "" for a switch */
	} given[COMMAND_GIVEN_MAX];
	size_t given_count;
	const char *force;      /* --force; NULL: not given */
	bool plan;              /* the word before the command: what it would come to */
	bool groups;            /* --groups of a plan: by the lists that phones may hold */
	bool sheet;             /* --sheet of a plan: for the users of phones that are lost */
	bool planned, cuts_off; /* set by plan_print */
	bool usage;             /* set by invocation_usage: exit 2 */
};

struct command {
	const char *name; /* "phone set" */
	const char *args; /* "NAME..." for the help */
	const char *doc;
	size_t words_min, words_max;
	const struct command_option *options; /* ends with a NULL name; may be NULL */
	bool (*run)(struct invocation *in, struct err *e);
	bool plans; /* it changes what phones trust, by one call of the daemon: it can be planned */
};

extern const struct command commands[];
extern const size_t command_count;

/* The last value given for an option, or NULL. */
const char *invocation_option(const struct invocation *in, const char *name);

/* The plan names every phone, and its groups: it is told as JSON, or in groups. */
bool invocation_names(const struct invocation *in);

/* "cert regenerate tvs --staged": what was typed, but for the options of every command, as a shell
 * takes it. Freed with free. */
char *invocation_text(const struct invocation *in);

/* Wrong usage: fills e and marks the call. Always false. */
bool invocation_usage(struct invocation *in, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The handlers, by file. */
typedef bool command_handler(struct invocation *in, struct err *e);
command_handler run_init;                                                  /* cmd_init.c */
command_handler run_backup, run_restore, run_plan_restore;                 /* cmd_backup.c */
command_handler run_plan_migrate;                                          /* cmd_plan_migrate.c */
command_handler run_plan_expiry;                                           /* cmd_expiry.c */
command_handler run_status, run_serve_lists, run_node_list, run_node_set;  /* cmd_cluster.c */
command_handler run_log;                                                   /* cmd_cluster.c */
command_handler run_ctl_set_cluster, run_ctl_update, run_ctl_delete;       /* cmd_ctl.c */
command_handler run_token_list, run_token_add, run_token_delete;           /* cmd_tokens.c */
command_handler run_token_sign, run_token_end;                             /* cmd_tokens.c */
command_handler run_ctl_reset_localkey, run_ctl_reset_end;                 /* cmd_ctl.c */
command_handler run_itl_reset_remotekey;                                   /* cmd_takeover.c */
command_handler run_cert_list, run_cert_show;                              /* cmd_certs.c */
command_handler run_cert_export, run_trust_export;                         /* cmd_certexport.c */
command_handler run_cert_impact;                                           /* cmd_impact.c */
command_handler run_capf_revoke, run_capf_crl;                             /* cmd_issuer.c */
command_handler run_cert_csr, run_cert_import;                             /* cmd_issuer.c */
command_handler run_trust_show;                                            /* cmd_certs.c */
command_handler run_trust_list, run_trust_add, run_trust_remove;           /* cmd_certs.c */
command_handler run_generation_show, run_generation_set;                   /* cmd_recovery.c */
command_handler run_itl_reset_localkey, run_itl_reset_end;                 /* cmd_recovery.c */
command_handler run_itl_history, run_itl_revert;                           /* cmd_recovery.c */
command_handler run_rollback_prepare, run_rollback_end, run_rollback_show; /* cmd_recovery.c */
command_handler run_show_itl, run_show_ctl;                                /* cmd_show.c */
command_handler run_phone_add, run_phone_list, run_phone_show, run_phone_set; /* cmd_phones.c */
command_handler run_phone_delete, run_phone_release;                          /* cmd_phones.c */
command_handler run_capf_bulk, run_capf_bulk_status, run_capf_bulk_stop;      /* cmd_bulk.c */
command_handler run_capf_bulk_resume, run_capf_bulk_retry;                    /* cmd_bulk.c */
command_handler run_capf_report, run_capf_issuers;                            /* cmd_capf.c */
command_handler run_capf_csr_list, run_capf_csr_dump, run_capf_csr_forget;    /* cmd_requests.c */
command_handler run_cert_take_over;                                           /* cmd_takeover.c */
command_handler run_node_rename;                                              /* cmd_rename.c */
command_handler run_cert_staged;                                              /* cmd_staged.c */
command_handler run_cert_activate, run_cert_withdraw;                         /* cmd_issuer.c */
command_handler run_cert_regenerate, run_cert_purge;                          /* cmd_issuer.c */
command_handler run_capf_cert_import;                                         /* cmd_requests.c */
command_handler run_capf_export;                                              /* cmd_export.c */
command_handler run_phone_fetched;                                            /* cmd_fetched.c */
command_handler run_phone_holds;                                              /* cmd_holds.c */
command_handler run_phone_reset, run_reset_show, run_reset_stop;              /* cmd_reset.c */
command_handler run_reset_resume;                                             /* cmd_reset.c */
command_handler run_phone_import;                                             /* cmd_import.c */
command_handler run_profile_add, run_profile_set, run_profile_show;           /* cmd_profiles.c */
command_handler run_profile_list, run_profile_delete;                         /* cmd_profiles.c */
command_handler run_group_add, run_group_set, run_group_show;                 /* cmd_groups.c */
command_handler run_group_list, run_group_delete;                             /* cmd_groups.c */
command_handler run_remote_add, run_remote_list, run_remote_delete;           /* cmd_groups.c */
command_handler run_template_add, run_template_set, run_template_show;        /* cmd_templates.c */
command_handler run_template_list, run_template_delete, run_template_render;  /* cmd_templates.c */
command_handler run_report_features;                                          /* cmd_reports.c */
command_handler run_file_show, run_file_verify, run_file_strip;               /* cmd_file.c */
command_handler run_file_sign, run_file_encrypt, run_file_decrypt;            /* cmd_file_make.c */
command_handler run_file_build;                                               /* cmd_file_make.c */
command_handler run_diagnose, run_explain;                                    /* cmd_diagnose.c */
command_handler run_check;                                                    /* cmd_check.c */
command_handler run_capture;                                                  /* cmd_capture.c */
command_handler run_tvs_probe;                                                /* cmd_tvs.c */
command_handler run_files_check;                                              /* cmd_files.c */
command_handler run_migrate_export, run_migrate_consolidate; /* cmd_migrate_bulk.c */
command_handler run_migrate_import;                          /* cmd_migrate_bulk.c */
command_handler run_migrate_prepare;                         /* cmd_migrate_prepare.c */
command_handler run_migrate_verify, run_migrate_rollback;    /* cmd_migrate.c */
command_handler run_migrate_move, run_migrate_progress;      /* cmd_migrate_move.c */

#endif

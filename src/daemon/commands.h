/*
 * commands: the table of everything an administrator can have done by the daemon. The command line
 * and later the page are clients of it and can do nothing else.
 */
#ifndef DAEMON_COMMANDS_H
#define DAEMON_COMMANDS_H

#include "daemon/core.h"

#include <jansson.h>

/* Runs one: args is an object, whose member "force" is taken out; *result, when it succeeds, is the
 * caller's. Unknown names and arguments, missing and wrong ones are errors. */
must_use bool commands_run(
    struct core *c, const char *name, json_t *args, json_t **result, struct err *e);

/* What it would come to for every phone; nothing is changed. ERR_REFUSED for a command that changes
 * no trust. Freed with forecast_free. */
must_use bool commands_plan(
    struct core *c, const char *name, const json_t *args, struct forecast *out, struct err *e);

/* A command fills *result (a new reference). */
typedef bool command_run(struct core *c, const json_t *args, json_t **result, struct err *e);

/* The handlers, by file. */
command_run command_status, command_status_phones, command_serve_lists; /* command_cluster.c */
command_run command_backup_note;                                        /* command_backup.c */
command_run command_node_list, command_node_set, command_log;           /* command_cluster.c */
command_run command_plan;                                               /* command_plan.c */
command_run command_plan_leave, command_plan_arrive;                    /* command_plan_moves.c */
command_run command_plan_profile;                                       /* command_profile_plan.c */
command_run command_expiry;                                             /* command_expiry.c */
command_run command_diagnose, command_explain;                          /* command_diagnose.c */
command_run command_check;                                              /* command_check.c */
command_run command_files_check;                                        /* command_files.c */
command_run command_ctl_set_cluster, command_ctl_update;                /* command_ctl.c */
command_run command_ctl_delete, command_show_ctl;                       /* command_ctl.c */
command_run command_token_list, command_token_add, command_token_delete; /* command_tokens.c */
command_run command_token_draft, command_token_publish;                  /* command_tokens.c */
command_run command_token_end;                                           /* command_tokens.c */
command_run command_ctl_reset, command_ctl_reset_end;                    /* command_ctl.c */
command_run command_cert_list, command_cert_show, command_show_itl;      /* command_certs.c */
command_run command_generation_show, command_generation_set;             /* command_itl.c */
command_run command_itl_reset, command_itl_reset_end;                    /* command_itl.c */
command_run command_itl_history, command_itl_revert;                     /* command_itl.c */
command_run command_rollback_prepare, command_rollback_end;              /* command_rollback.c */
command_run command_rollback_show;                                       /* command_rollback.c */
command_run command_capf_revoke, command_capf_crl;                       /* command_issuer.c */
command_run command_cert_csr, command_cert_import;                       /* command_issuer.c */
command_run command_trust_list, command_trust_add, command_trust_remove; /* command_certs.c */
command_run command_trust_show;                                          /* command_certs.c */
command_run command_migrate_import, command_migrate_progress;            /* command_migrate.c */
command_run command_phone_add, command_phone_list, command_phone_show;   /* command_phones.c */
command_run command_phone_delete, command_phone_release;                 /* command_phones.c */
command_run command_bulk_begin, command_bulk_status, command_bulk_stop;  /* command_bulk.c */
command_run command_bulk_resume, command_bulk_retry;                     /* command_bulk.c */
command_run command_capf_report, command_capf_issuers;                   /* command_capf.c */
command_run command_capf_requests, command_capf_requests_forget;         /* command_requests.c */
command_run command_cert_stage, command_cert_activate, command_cert_withdraw; /* command_issuer.c */
command_run command_cert_staged;                                              /* command_staged.c */
command_run command_cert_regenerate, command_cert_purge;                      /* command_issuer.c */
command_run command_capf_cert_import;                                    /* command_requests.c */
command_run command_capf_export, command_capf_chains;                    /* command_export.c */
command_run command_phone_fetched;                                       /* command_fetched.c */
command_run command_phone_holds;                                         /* command_holds.c */
command_run command_phone_set, command_phone_import;                     /* command_phones_set.c */
command_run command_phone_reset, command_reset_show, command_reset_stop; /* command_reset.c */
command_run command_reset_resume;                                        /* command_reset.c */
command_run command_profile_add, command_profile_set, command_profile_show; /* command_profiles.c */
command_run command_profile_list, command_profile_delete;                   /* command_profiles.c */
command_run command_group_add, command_group_set, command_group_show;       /* command_groups.c */
command_run command_group_list, command_group_delete;                       /* command_groups.c */
command_run command_template_add, command_template_set;       /* command_templates.c */
command_run command_template_show, command_template_list;     /* command_templates.c */
command_run command_template_delete, command_template_render; /* command_templates.c */
command_run command_remote_add, command_remote_list, command_remote_delete; /* command_remotes.c */
command_run command_cert_take_over;                                         /* command_takeover.c */
command_run command_node_rename;                                            /* command_rename.c */
command_run command_report_features;                                        /* command_reports.c */

/* Puts the security mode and the CTL into the status. command_ctl.c */
void command_ctl_status(struct core *c, json_t *status);

/* --- what handlers share --- */

/* A text argument; "" when absent. */
const char *args_text(const json_t *args, const char *name);

/* The name of a remote, template ... (what says of which): 1 to 63 of letters, digits, '-', '_' and
 * '.'; copied to out. Errors: ERR_MALFORMED. */
must_use bool name_check(
    const char *what, const char *name, char out[PHONE_TEXT_MAX], struct err *e);

#define JSON_KEY_MAX 64

/* The member for an option or column: "authentication_url" for "authentication-url". Returns out.
 */
char *json_key(const char *name, char out[JSON_KEY_MAX]);

/* "2026-11-22T09:30:00Z", or null for 0. A new reference. */
json_t *json_time(time_t t);

/* Lower-case hex. A new reference. */
json_t *json_hex(struct span s);

/* A string whatever its bytes: what is not UTF-8 is made printable. A new reference. */
json_t *json_text(const char *s);

#endif

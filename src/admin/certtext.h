/*
 * certtext: a certificate as text for people, with the fields of Unified CM's certificate page.
 */
#ifndef ADMIN_CERTTEXT_H
#define ADMIN_CERTTEXT_H

#include <jansson.h>

/* Prints what "cert/show" or "trust/show" says of one. */
void certtext_print(const json_t *cert);

#endif

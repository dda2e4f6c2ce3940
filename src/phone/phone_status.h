/*
 * phone_status: what the phone's menus show: trust lists with their hashes, TVS servers, LSC, and
 * the last status messages.
 */
#ifndef PHONE_PHONE_STATUS_H
#define PHONE_PHONE_STATUS_H

#include "phone/phone.h"

/* Prints to out, as text or as a JSON object. */
void phone_status_print(const struct handset *h, bool json, FILE *out);

#endif

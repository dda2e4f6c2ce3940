/*
 * phone_files: the files that a configuration names: soft keys, dial rules, locales, ring list,
 * the list of firmware images (doc/protocols/files.md 8, item 6).
 */
#ifndef PHONE_PHONE_FILES_H
#define PHONE_PHONE_FILES_H

#include "phone/phone.h"

/* Fetches each, signed when the phone holds a list, and verifies it; none is kept. One that the
 * server does not have is no fault. False: one was refused or did not come; the console says which.
 */
bool phone_files_fetch(struct handset *h);

#endif

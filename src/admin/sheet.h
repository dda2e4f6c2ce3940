/*
 * sheet: what users of phones that are cut off have to do, to be printed and cut apart.
 */
#ifndef ADMIN_SHEET_H
#define ADMIN_SHEET_H

#include <jansson.h>
#include <stdio.h>

#define SHEET_LINES 60 /* of a page; a form feed ends it */
#define SHEET_WIDTH 72 /* columns */

/* A block for each phone of an array of {"name", "model", "how", "erase", "factory_reset"}, as
 * plans have them: those that are erased at the menu first, then by name. No block is divided
 * between two pages. */
void sheet_print(FILE *out, const json_t *phones);

#endif

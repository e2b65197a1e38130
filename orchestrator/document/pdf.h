/* A page on paper: Chromium prints it. */
#ifndef ORCHESTRATOR_DOCUMENT_PDF_H
#define ORCHESTRATOR_DOCUMENT_PDF_H

#include "common/error.h"

/*
 * Print the HTML page @page to the PDF file @path.  The program is $CHROMIUM, or chromium or
 * chromium-browser in $PATH; it gets a folder of its own, no network, and two minutes.
 *
 * Returns 0, or -1 with @err set; @path is not touched then.
 */
int pdf_write(const char *page, size_t len, const char *path, struct error *err) MUST_CHECK;

#endif

/*
 * lwlc fmt: schemas in their one style.
 */
#ifndef LWL_COMPILER_FORMAT_H
#define LWL_COMPILER_FORMAT_H

/* argv[0] is what --help shows as the program.  Returns the exit status. */
int format_main(int argc, char **argv);

#endif

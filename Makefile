# lwlink.  One makefile, not recursive; everything that is made goes to build/ and generated/.
#
#	make			lwlc, the library, the C of schemas/
#	make check		the tests			(SAN=address,undefined: with sanitizers)
#	make demo		a directory tree over a pipe	(DIR=...)
#	make install		to $(DESTDIR)$(PREFIX)
#	make help		the rest

VERSION = 0.1.0
SOVERSION = 0

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share/lwlink

CC = gcc
FLEX = flex
BISON = bison
AR = ar
CFLAGS ?= -O2 -g

# A sanitized build is another build: its objects have a folder of their own.
SAN ?=
B := build$(if $(SAN),/san-$(subst $(comma),-,$(SAN)))
comma := ,
B := build$(if $(SAN),/san-$(subst $(comma),-,$(SAN)))

STRICT = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	 -Werror
SANFLAGS = $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
# The library that programs embed is C11 and libc; the tools use the GNU C library.
LIB_CFLAGS = -std=c11 $(STRICT) -fPIC -Iruntime/include $(CFLAGS) $(SANFLAGS)
TOOL_CFLAGS = -std=gnu11 $(STRICT) -I. -I$(B) -Iruntime/include -DLWLINK_VERSION='"$(VERSION)"' \
	      $(CFLAGS) $(SANFLAGS)
# What flex and bison write is not ours to make warning-free.
SCANNER_CFLAGS = -std=gnu11 -Wall -I. -I$(B) -I$(B)/idl -Iidl $(CFLAGS) $(SANFLAGS)
LDFLAGS_ALL = $(LDFLAGS) $(SANFLAGS)
DEPS = -MMD -MP

all: programs library generated

# ---- packages ----

# The file stands for "everything that a build needs is there"; it is looked at again when the list
# changes.
build/packages: tools/packages.sh
	@mkdir -p build
	@sh tools/packages.sh build
	@touch $@

build/packages-check: tools/packages.sh build/packages
	@sh tools/packages.sh check
	@touch $@

# ---- the compiler ----

IDL_SRC = $(wildcard idl/*.c)
IDL_OBJ = $(IDL_SRC:%.c=$(B)/%.o) $(B)/idl/grammar.o $(B)/idl/lexer.o
COMPILER_SRC = $(wildcard compiler/*.c)
COMPILER_OBJ = $(COMPILER_SRC:%.c=$(B)/%.o)
LWLC = $(B)/lwlc

programs: $(LWLC)

$(LWLC): $(COMPILER_OBJ) $(IDL_OBJ)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ -ljansson

$(B)/idl/grammar.c $(B)/idl/grammar.h &: idl/grammar.y | build/packages
	@mkdir -p $(@D)
	$(BISON) -Wall -Werror -d -o $(B)/idl/grammar.c $<

$(B)/idl/lexer.c $(B)/idl/lexer.h &: idl/lexer.l | build/packages
	@mkdir -p $(@D)
	$(FLEX) --header-file=$(B)/idl/lexer.h -o $(B)/idl/lexer.c $<

$(B)/idl/grammar.o $(B)/idl/lexer.o: $(B)/idl/%.o: $(B)/idl/%.c $(B)/idl/grammar.h $(B)/idl/lexer.h
	$(CC) $(SCANNER_CFLAGS) $(DEPS) -c -o $@ $<

$(B)/idl/%.o: idl/%.c $(B)/idl/grammar.h $(B)/idl/lexer.h | build/packages
	@mkdir -p $(@D)
	$(CC) $(TOOL_CFLAGS) $(DEPS) -c -o $@ $<

$(B)/compiler/%.o: compiler/%.c | build/packages
	@mkdir -p $(@D)
	$(CC) $(TOOL_CFLAGS) $(DEPS) -c -o $@ $<

# ---- the library ----

LIB_SRC = runtime/wire.c runtime/error.c runtime/call.c
LIB_OBJ = $(LIB_SRC:%.c=$(B)/%.o)
STATIC_LIB = $(B)/liblwlink.a
SHARED_LIB = $(B)/liblwlink.so.$(VERSION)

library: $(STATIC_LIB) $(SHARED_LIB)

$(B)/runtime/%.o: runtime/%.c | build/packages
	@mkdir -p $(@D)
	$(CC) $(LIB_CFLAGS) $(DEPS) -c -o $@ $<

$(STATIC_LIB): $(LIB_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

$(SHARED_LIB): $(LIB_OBJ) runtime/lwlink.map
	$(CC) -shared $(LDFLAGS_ALL) -Wl,-soname,liblwlink.so.$(SOVERSION) \
		-Wl,--version-script=runtime/lwlink.map -o $@ $(LIB_OBJ)
	ln -sf $(@F) $(B)/liblwlink.so.$(SOVERSION)
	ln -sf $(@F) $(B)/liblwlink.so

# ---- the C of the schemas ----

SCHEMAS = $(wildcard schemas/*.lwl)
GENERATED_SRC = $(SCHEMAS:schemas/%.lwl=generated/%.lwl.c) $(SCHEMAS:schemas/%.lwl=generated/%.link.c)
GENERATED_OBJ = $(GENERATED_SRC:%.c=$(B)/%.o)

generated: $(GENERATED_OBJ)

generated/%.lwl.c generated/%.lwl.h generated/%.link.c generated/%.link.h &: schemas/%.lwl build/lwlc
	@mkdir -p build/generated
	build/lwlc -I schemas -o generated -MF build/generated/$*.d $<
	@touch generated/$*.lwl.c generated/$*.lwl.h generated/$*.link.c generated/$*.link.h

-include $(SCHEMAS:schemas/%.lwl=build/generated/%.d)

$(B)/generated/%.o: generated/%.c
	@mkdir -p $(@D)
	$(CC) $(LIB_CFLAGS) -Igenerated $(DEPS) -c -o $@ $<

-include $(IDL_OBJ:.o=.d) $(COMPILER_OBJ:.o=.d) $(LIB_OBJ:.o=.d) $(GENERATED_OBJ:.o=.d)

.PHONY: all programs library generated

# lwlink.  One makefile, not recursive; everything that is made goes to build/ and generated/.
#
#	make			lwlc, lwl, the library, the C of schemas/
#	make check		the tests			(SAN=address,undefined: with sanitizers)
#	make demo		a directory tree over a link	(DIR=... ADDRESS=...)
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
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions

CC = gcc
FLEX = flex
BISON = bison
AR = ar
# What is not said on the command line: the library is mostly short functions that call each other, and
# gains a tenth by what -O3 puts inline.
ifeq ($(origin CFLAGS),undefined)
CFLAGS = -O2 -g
LIB_OPTIMIZE = -O3
endif

# Commands are shown by what they make; V=1 shows them whole.
Q = $(if $(V),,@echo '  $@' &&)

# A sanitized build is another build: its objects have a folder of their own.
SAN ?=
comma := ,
B := build$(if $(SAN),/san-$(subst $(comma),-,$(SAN)))

STRICT = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	 -Werror
SANFLAGS = $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
# The library that programs embed is C11 and libc; the tools use the GNU C library.
# Nobody replaces a function of the library by his own: calls inside it need no indirection.
LIB_CFLAGS = -std=c11 $(STRICT) -fPIC -fno-semantic-interposition -Iruntime/include $(CFLAGS) $(LIB_OPTIMIZE) $(SANFLAGS)
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
	$(Q) $(CC) $(LDFLAGS_ALL) -o $@ $^ -ljansson

# With sanitizers, too, what is generated comes from the plain compiler.
ifneq ($(SAN),)
build/lwlc: $(COMPILER_SRC) $(IDL_SRC) $(wildcard compiler/*.h idl/*.h idl/*.def) idl/grammar.y idl/lexer.l
	$(MAKE) SAN= $@
endif

$(B)/idl/grammar.c $(B)/idl/grammar.h &: idl/grammar.y | build/packages
	@mkdir -p $(@D)
	$(Q) $(BISON) -Wall -Werror -d -o $(B)/idl/grammar.c $<

$(B)/idl/lexer.c $(B)/idl/lexer.h &: idl/lexer.l | build/packages
	@mkdir -p $(@D)
	$(Q) $(FLEX) --header-file=$(B)/idl/lexer.h -o $(B)/idl/lexer.c $<

$(B)/idl/grammar.o $(B)/idl/lexer.o: $(B)/idl/%.o: $(B)/idl/%.c $(B)/idl/grammar.h $(B)/idl/lexer.h
	$(Q) $(CC) $(SCANNER_CFLAGS) $(DEPS) -c -o $@ $<

$(B)/idl/%.o: idl/%.c $(B)/idl/grammar.h $(B)/idl/lexer.h | build/packages
	@mkdir -p $(@D)
	$(Q) $(CC) $(TOOL_CFLAGS) $(DEPS) -c -o $@ $<

$(B)/compiler/%.o: compiler/%.c | build/packages
	@mkdir -p $(@D)
	$(Q) $(CC) $(TOOL_CFLAGS) $(DEPS) -c -o $@ $<

# ---- the library ----

HEADERS = $(wildcard runtime/include/lwlink/*.h)
# Messages as bytes, by generated code or by tables; and links.
CODEC_SRC = runtime/wire.c runtime/error.c runtime/command.c runtime/schema.c runtime/value.c
LINK_SRC = runtime/table.c runtime/heap.c runtime/frame.c runtime/ring.c runtime/endpoint.c runtime/session.c \
	   runtime/call.c runtime/proxy.c runtime/link.c
CODEC_OBJ = $(CODEC_SRC:%.c=$(B)/%.o)
# A link speaks its own schema, too.
LINK_OBJ = $(LINK_SRC:%.c=$(B)/%.o) $(B)/generated/link.lwl.o $(B)/generated/link.link.o
LIB_OBJ = $(CODEC_OBJ) $(LINK_OBJ)
STATIC_LIB = $(B)/liblwlink.a
SHARED_LIB = $(B)/liblwlink.so.$(VERSION)

# The same on libuv: a library of its own, so that the first needs libc alone.
UV_SRC = runtime/address.c runtime/io_stream.c runtime/loop.c
UV_OBJ = $(UV_SRC:%.c=$(B)/%.o)
STATIC_UV = $(B)/liblwlink-uv.a
SHARED_UV = $(B)/liblwlink-uv.so.$(VERSION)

library: $(STATIC_LIB) $(SHARED_LIB) $(STATIC_UV) $(SHARED_UV)

$(UV_OBJ): LIB_CFLAGS += -std=gnu11
$(B)/runtime/%.o: runtime/%.c | build/packages generated/link.lwl.h
	@mkdir -p $(@D)
	$(Q) $(CC) $(LIB_CFLAGS) -Igenerated $(DEPS) -c -o $@ $<

$(STATIC_LIB): $(LIB_OBJ)
	@rm -f $@
	$(Q) $(AR) rcs $@ $^

$(SHARED_LIB): $(LIB_OBJ) runtime/lwlink.map
	$(Q) $(CC) -shared $(LDFLAGS_ALL) -Wl,-soname,liblwlink.so.$(SOVERSION) \
		-Wl,--version-script=runtime/lwlink.map -o $@ $(LIB_OBJ)
	@ln -sf $(@F) $(B)/liblwlink.so.$(SOVERSION)
	@ln -sf $(@F) $(B)/liblwlink.so

$(STATIC_UV): $(UV_OBJ)
	@rm -f $@
	$(Q) $(AR) rcs $@ $^

$(SHARED_UV): $(UV_OBJ) $(SHARED_LIB) runtime/lwlink-uv.map
	$(Q) $(CC) -shared $(LDFLAGS_ALL) -Wl,-soname,liblwlink-uv.so.$(SOVERSION) \
		-Wl,--version-script=runtime/lwlink-uv.map -o $@ $(UV_OBJ) -L$(B) -llwlink -luv
	@ln -sf $(@F) $(B)/liblwlink-uv.so.$(SOVERSION)
	@ln -sf $(@F) $(B)/liblwlink-uv.so

# ---- lwl, lwl-relay ----

LWL = $(B)/lwl
LWL_SRC = $(wildcard tools/*.c)
LWL_OBJ = $(LWL_SRC:%.c=$(B)/%.o)

programs: $(LWL)

$(LWL): $(LWL_OBJ) $(B)/compiler/schema.o $(B)/compiler/emit.o $(IDL_OBJ) $(STATIC_UV) $(STATIC_LIB)
	$(Q) $(CC) $(LDFLAGS_ALL) -o $@ $^ -ljansson -luv -lm

# The links' own schema is built into lwl.
$(B)/tools/link_schema.h: schemas/link.lwl build/lwlc
	@mkdir -p $(@D)
	$(Q) build/lwlc --emit schema -o $(@D) $< && \
		od -An -v -tx1 $(@D)/link.lwlb | sed 's/[0-9a-f][0-9a-f]/0x&,/g' >$@

$(B)/tools/show.o: $(B)/tools/link_schema.h

RELAY = $(B)/lwl-relay

programs: $(RELAY)

$(RELAY): $(B)/tools/relay/main.o $(STATIC_UV) $(STATIC_LIB)
	$(Q) $(CC) $(LDFLAGS_ALL) -o $@ $^ -luv

-include $(B)/tools/relay/main.d

$(B)/tools/%.o: tools/%.c | build/packages
	@mkdir -p $(@D)
	$(Q) $(CC) $(TOOL_CFLAGS) $(DEPS) -c -o $@ $<

-include $(LWL_OBJ:.o=.d)

# ---- the C of the schemas ----

SCHEMAS = $(wildcard schemas/*.lwl)
GENERATED_SRC = $(SCHEMAS:schemas/%.lwl=generated/%.lwl.c) $(SCHEMAS:schemas/%.lwl=generated/%.link.c)
GENERATED_OBJ = $(GENERATED_SRC:%.c=$(B)/%.o)

generated: $(GENERATED_OBJ)

generated/%.lwl.c generated/%.lwl.h generated/%.link.c generated/%.link.h &: schemas/%.lwl build/lwlc
	@mkdir -p build/generated
	$(Q) build/lwlc -I schemas -o generated -MF build/generated/$*.d $<
	@touch generated/$*.lwl.c generated/$*.lwl.h generated/$*.link.c generated/$*.link.h

-include $(SCHEMAS:schemas/%.lwl=build/generated/%.d)

$(B)/generated/%.o: generated/%.c
	@mkdir -p $(@D)
	$(Q) $(CC) $(LIB_CFLAGS) -Igenerated $(DEPS) -c -o $@ $<

-include $(IDL_OBJ:.o=.d) $(COMPILER_OBJ:.o=.d) $(LIB_OBJ:.o=.d) $(UV_OBJ:.o=.d) $(GENERATED_OBJ:.o=.d)

# ---- the demo ----

DIR ?= .
TREE = $(B)/examples/tree
TREE_OBJ = $(addprefix $(B)/generated/,vfs.lwl.o vfs.link.o cache.lwl.o cache.link.o)

$(TREE): examples/tree.c $(TREE_OBJ) $(STATIC_UV) $(STATIC_LIB)
	@mkdir -p $(@D)
	$(Q) $(CC) $(TOOL_CFLAGS) -Igenerated $(DEPS) $(LDFLAGS_ALL) -o $@ $< $(TREE_OBJ) $(STATIC_UV) $(STATIC_LIB) -luv

-include $(TREE).d

demo: all $(TREE)
	@sh examples/demo.sh $(TREE) '$(DIR)'

# ---- the tests ----

T = $(B)/tests
CMOCKA = -lcmocka
TEST_CFLAGS = $(TOOL_CFLAGS) -Iidl -Icompiler -Igenerated

# Each unit test is linked with its layer and those below it, and with nothing else.
IDL_TESTS = diag parse check layout
SCHEMA_TESTS = schema
$(SCHEMA_TESTS:%=$(T)/unit/test_%): UNIT_OBJ = $(CODEC_OBJ)
$(SCHEMA_TESTS:%=$(T)/unit/test_%): $(CODEC_OBJ)
WIRE_TESTS = wire_read wire_write wire_walk error
$(IDL_TESTS:%=$(T)/unit/test_%): UNIT_OBJ = $(IDL_OBJ)
$(IDL_TESTS:%=$(T)/unit/test_%): $(IDL_OBJ)
$(IDL_TESTS:%=$(T)/unit/test_%): UNIT_LIBS = -ljansson
$(WIRE_TESTS:%=$(T)/unit/test_%): UNIT_OBJ = $(B)/runtime/wire.o $(B)/runtime/error.o
$(WIRE_TESTS:%=$(T)/unit/test_%): $(B)/runtime/wire.o $(B)/runtime/error.o
$(T)/unit/test_table: UNIT_OBJ = $(B)/runtime/table.o
$(T)/unit/test_table: $(B)/runtime/table.o
$(T)/unit/test_heap: UNIT_OBJ = $(B)/runtime/heap.o
$(T)/unit/test_heap: $(B)/runtime/heap.o
# The allocator is counted there, and made to fail.
$(T)/unit/test_endpoint: UNIT_LIBS = -Wl,--wrap=aligned_alloc,--wrap=realloc
$(T)/unit/test_table: UNIT_LIBS = -Wl,--wrap=aligned_alloc,--wrap=realloc
$(T)/unit/test_frame: UNIT_LIBS = -Wl,--wrap=malloc,--wrap=free
$(T)/unit/test_ring: UNIT_LIBS = -Wl,--wrap=malloc
LAYER_TESTS = frame ring
$(LAYER_TESTS:%=$(T)/unit/test_%): $(T)/unit/test_%: $(B)/runtime/%.o $(B)/runtime/wire.o $(B)/runtime/error.o
$(T)/unit/test_frame: UNIT_OBJ = $(B)/runtime/frame.o $(B)/runtime/wire.o $(B)/runtime/error.o
$(T)/unit/test_ring: UNIT_OBJ = $(B)/runtime/ring.o $(B)/runtime/wire.o $(B)/runtime/error.o
ENDPOINT_OBJ = $(B)/runtime/endpoint.o $(B)/runtime/table.o $(B)/runtime/wire.o $(B)/runtime/error.o
$(T)/unit/test_endpoint: UNIT_OBJ = $(ENDPOINT_OBJ)
$(T)/unit/test_endpoint: $(ENDPOINT_OBJ)
SESSION_OBJ = $(addprefix $(B)/runtime/,session.o ring.o wire.o error.o) $(B)/generated/link.lwl.o
$(T)/unit/test_session: UNIT_OBJ = $(SESSION_OBJ)
$(T)/unit/test_session: $(SESSION_OBJ)
LINK_TESTS = $(addprefix $(T)/unit/test_,link call proxy memory)
$(T)/unit/test_memory: UNIT_LIBS = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc
TALK_OBJ = $(LIB_OBJ) $(T)/unit/talk.lwl.o $(T)/unit/talk.link.o
$(LINK_TESTS): UNIT_OBJ = $(TALK_OBJ)
$(LINK_TESTS): $(TALK_OBJ) | $(T)/unit/talk.link.h
$(T)/unit/test_emit: UNIT_OBJ = $(B)/compiler/emit.o
$(T)/unit/test_emit: $(B)/compiler/emit.o
$(T)/unit/test_names: UNIT_OBJ = $(B)/compiler/c_names.o $(IDL_OBJ)
$(T)/unit/test_names: $(B)/compiler/c_names.o $(IDL_OBJ)
$(T)/unit/test_names: UNIT_LIBS = -ljansson
$(T)/unit/test_dispatch: UNIT_OBJ = $(CODEC_OBJ) $(T)/unit/dispatch.lwl.o $(T)/unit/dispatch.link.o
$(T)/unit/test_dispatch: $(CODEC_OBJ) $(T)/unit/dispatch.lwl.o $(T)/unit/dispatch.link.o
UNIT = $(patsubst tests/unit/%.c,$(T)/unit/%,$(wildcard tests/unit/test_*.c))

$(UNIT): $(T)/unit/test_%: tests/unit/test_%.c | build/packages-check
	@mkdir -p $(@D)
	$(Q) $(CC) $(TEST_CFLAGS) -I$(T)/unit $(DEPS) $(LDFLAGS_ALL) -o $@ $< $(UNIT_OBJ) $(UNIT_LIBS) $(CMOCKA)

$(T)/unit/%.lwl.c $(T)/unit/%.lwl.h $(T)/unit/%.link.c $(T)/unit/%.link.h &: tests/unit/%.lwl build/lwlc
	@mkdir -p $(@D)
	$(Q) build/lwlc -o $(@D) $<

$(T)/unit/test_dispatch: $(T)/unit/dispatch.link.h

$(T)/%.o: $(T)/%.c
	$(Q) $(CC) $(LIB_CFLAGS) $(DEPS) -c -o $@ $<

-include $(wildcard $(T)/unit/*.d)

# Links over every transport, with real processes.
E2E = $(T)/e2e/test_loop
E2E_MADE = $(T)/e2e/echo.lwl.o $(T)/e2e/echo.link.o

$(T)/e2e/%.lwl.c $(T)/e2e/%.lwl.h $(T)/e2e/%.link.c $(T)/e2e/%.link.h &: tests/e2e/%.lwl build/lwlc
	@mkdir -p $(@D)
	$(Q) build/lwlc -o $(@D) $<

$(E2E): tests/e2e/test_loop.c $(E2E_MADE) $(LIB_OBJ) $(UV_OBJ) | $(T)/e2e/echo.link.h
	$(Q) $(CC) $(TEST_CFLAGS) -I$(T)/e2e $(DEPS) $(LDFLAGS_ALL) -o $@ $< $(E2E_MADE) $(LIB_OBJ) $(UV_OBJ) -luv \
		$(CMOCKA) -lpthread

# Hostile peers, beside a client that has to be served.
HOSTILE = $(T)/hostile/hostile
HOSTILE_OBJ = $(T)/hostile/server.lwl.o $(T)/hostile/server.link.o

$(T)/hostile/%.lwl.c $(T)/hostile/%.lwl.h $(T)/hostile/%.link.c $(T)/hostile/%.link.h &: \
		tests/hostile/%.lwl build/lwlc
	@mkdir -p $(@D)
	$(Q) build/lwlc -o $(@D) $<

$(HOSTILE): $(wildcard tests/hostile/*.[ch]) $(HOSTILE_OBJ) $(STATIC_UV) $(STATIC_LIB) | build/packages-check \
		$(T)/hostile/server.link.h
	@mkdir -p $(@D)
	$(Q) $(CC) $(TEST_CFLAGS) -I$(T)/hostile -Itests/hostile $(LDFLAGS_ALL) -o $@ $(wildcard tests/hostile/*.c) \
		$(HOSTILE_OBJ) $(STATIC_UV) $(STATIC_LIB) -luv

# Two peers that flood each other, with the smallest windows, delivered in random pieces; and a relay.
$(T)/link/progress: tests/link/progress.c $(TALK_OBJ) | $(T)/unit/talk.link.h
	@mkdir -p $(@D)
	$(Q) $(CC) $(TEST_CFLAGS) -I$(T)/unit -Itests/unit $(DEPS) $(LDFLAGS_ALL) -o $@ $< $(TALK_OBJ)

# The byte vectors: the checking is without cmocka, so that a cross compiler can build it.
VECTORS_C = tests/vectors/vectors.c tests/vectors/text.c
VECTORS_MADE = build/tests/vectors/vectors.lwl.c build/tests/vectors/glue.c

build/tests/vectors/vectors.lwl.c build/tests/vectors/vectors.lwl.h &: tests/vectors/vectors.lwl build/lwlc
	@mkdir -p $(@D)
	$(Q) build/lwlc -o $(@D) --emit codec $<
	@touch build/tests/vectors/vectors.lwl.c build/tests/vectors/vectors.lwl.h

build/tests/vectors/glue.c: tests/vectors/make_runner.py tests/vectors/schema.py tests/reference/lwlref.py
	@mkdir -p $(@D)
	$(Q) python3 tests/vectors/make_runner.py $@

VECTORS_CFLAGS = -std=gnu11 -Wall -Wextra -Iruntime/include -Ibuild/tests/vectors -Itests/vectors \
		 $(CFLAGS) $(SANFLAGS)

$(T)/vectors/run: tests/vectors/run.c $(VECTORS_C) $(VECTORS_MADE) tests/vectors/vectors.h $(CODEC_OBJ)
	@mkdir -p $(@D)
	$(Q) $(CC) $(VECTORS_CFLAGS) $(LDFLAGS_ALL) -o $@ $(filter %.c %.o,$^) $(CMOCKA)

$(T)/vectors/run_plain: tests/vectors/run_plain.c $(VECTORS_C) $(VECTORS_MADE) tests/vectors/vectors.h $(CODEC_OBJ)
	@mkdir -p $(@D)
	$(Q) $(CC) $(VECTORS_CFLAGS) $(LDFLAGS_ALL) -o $@ $(filter %.c %.o,$^)

# The same with loads and stores byte by byte, as a host of another byte order has them.
$(T)/vectors/run_bytewise: tests/vectors/run_plain.c $(VECTORS_C) $(VECTORS_MADE) tests/vectors/vectors.h \
		runtime/wire.c runtime/error.c $(HEADERS)
	@mkdir -p $(@D)
	$(Q) $(CC) $(VECTORS_CFLAGS) -DLWL_BYTEWISE $(LDFLAGS_ALL) -o $@ $(filter %.c,$^)

# The generated decoders against the tables, on what the schemas of the tree describe.
CROSS_SCHEMAS = $(SCHEMAS) $(wildcard tests/golden/*.lwl) tests/schema/gaps.lwl
CROSS = build/tests/cross

$(CROSS)/large.lwl: tests/schema/large.py
	@mkdir -p $(@D)
	$(Q) python3 $< >$@

$(CROSS)/glue.c: $(CROSS_SCHEMAS) tests/schema/glue.py build/lwlc
	@mkdir -p $(@D)
	@for schema in $(CROSS_SCHEMAS); do \
		build/lwlc -I schemas -I tests/golden -o $(CROSS) --emit codec $$schema || exit 1; done
	$(Q) python3 tests/schema/glue.py $(CROSS)/*.lwl.h >$@

$(T)/cross/cross: $(CROSS)/glue.c $(CROSS)/large.lwl $(wildcard tests/schema/*.[ch]) $(CODEC_OBJ) $(B)/compiler/schema.o \
		$(B)/compiler/emit.o $(IDL_OBJ)
	@mkdir -p $(@D)
	$(Q) $(CC) -std=gnu11 -Wall -Wextra -I. -Iruntime/include -Itests/schema -I$(CROSS) $(CFLAGS) $(SANFLAGS) \
		$(LDFLAGS_ALL) -o $@ $(CROSS)/glue.c $(CROSS)/*.lwl.c $(wildcard tests/schema/*.c) \
		$(CODEC_OBJ) $(B)/compiler/schema.o $(B)/compiler/emit.o $(IDL_OBJ) -ljansson -lm

# ---- the fuzzers ----

FUZZ_FLAGS = -std=gnu11 -O1 -g -I. -Iidl -Icompiler -Ibuild -Ibuild/idl -Ibuild/tests/fuzz -Iruntime/include \
	     -DLWLINK_VERSION='"$(VERSION)"'
FUZZ_SCHEMA_C = tests/fuzz/fuzz_schema.c $(IDL_SRC) build/idl/grammar.c build/idl/lexer.c \
		$(filter-out compiler/main.c,$(COMPILER_SRC))
FUZZ_DECODE_C = tests/fuzz/fuzz_decode.c build/tests/fuzz/groups.lwl.c runtime/wire.c runtime/error.c
LIBFUZZER = clang -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all $(FUZZ_FLAGS)

build/tests/fuzz/groups.lwl.c build/tests/fuzz/groups.lwl.h &: tests/golden/groups.lwl build/lwlc
	@mkdir -p $(@D)
	$(Q) build/lwlc -o $(@D) --emit codec $<
	@touch build/tests/fuzz/groups.lwl.c build/tests/fuzz/groups.lwl.h

build/fuzz/schema: $(FUZZ_SCHEMA_C) | build/packages-check
	@mkdir -p $(@D)
	$(Q) $(LIBFUZZER) -o $@ $(FUZZ_SCHEMA_C) -ljansson

build/fuzz/decode: $(FUZZ_DECODE_C) | build/packages-check
	@mkdir -p $(@D)
	$(Q) $(LIBFUZZER) -o $@ $(FUZZ_DECODE_C)

# The same as plain programs: what the corpus holds is run once in every check.
$(T)/fuzz/replay-schema: $(FUZZ_SCHEMA_C) | build/packages-check
	@mkdir -p $(@D)
	$(Q) $(CC) $(FUZZ_FLAGS) $(SANFLAGS) -DREPLAY $(LDFLAGS_ALL) -o $@ $(FUZZ_SCHEMA_C) -ljansson

$(T)/fuzz/replay-decode: $(FUZZ_DECODE_C) | build/packages-check
	@mkdir -p $(@D)
	$(Q) $(CC) $(FUZZ_FLAGS) $(SANFLAGS) -DREPLAY $(LDFLAGS_ALL) -o $@ $(FUZZ_DECODE_C)

SECONDS = 60
# New finds go to a folder of their own; tests/fuzz/corpus is what is kept.
fuzz: build/fuzz/schema build/fuzz/decode
	@mkdir -p build/fuzz/corpus/schema build/fuzz/corpus/decode build/fuzz/findings
	cd build/fuzz && ./schema -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=2048 \
		-dict=../../tests/fuzz/schema.dict -artifact_prefix=findings/schema- corpus/schema \
		../../tests/fuzz/corpus/schema ../../schemas
	cd build/fuzz && ./decode -max_total_time=$(SECONDS) -timeout=10 -max_len=65536 \
		-dict=../../tests/fuzz/decode.dict -artifact_prefix=findings/decode- corpus/decode \
		../../tests/fuzz/corpus/decode

# ---- all tests ----

# Memory checkers slow a program down; hostile input is allowed more then.
SLOWER = $(if $(SAN),LWLC_SECONDS=10 LWLC_MEGABYTES=1500)
SAN_ENV = ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
VALGRIND = valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=all

CHECKED = $(UNIT) $(E2E) $(HOSTILE) $(T)/link/progress $(T)/vectors/run $(T)/vectors/run_plain $(T)/vectors/run_bytewise $(T)/cross/cross \
	  $(LWL) $(RELAY) $(T)/fuzz/replay-schema $(T)/fuzz/replay-decode $(TREE)

# One line a test: its name and its command.
define TESTS
random LWLC=$(LWLC) CFLAGS="-O1 $(SANFLAGS)" sh tests/random/run.sh 1 $(if $(SAN),8,16) $(T)/random
bad sh tests/bad/run.sh $(LWLC)
fmt sh tests/fmt/run.sh $(LWLC) $(T)
diff sh tests/diff/run.sh $(LWLC) $(T)
golden sh tests/golden/run.sh build/lwlc $(T)/golden
cli $(SLOWER) sh tests/cli/run.sh $(LWLC) $(T)/cli
reference python3 tests/vectors/check_reference.py
mutants python3 tests/vectors/mutate.py 1 3000 >$(T)/vectors/mutants.txt && $(T)/vectors/run_plain $(T)/vectors/mutants.txt
bytewise $(T)/vectors/run_bytewise tests/vectors/*.txt
cross $(SAN_ENV) $(T)/cross/cross -n $(if $(SAN),40,150) -m $(CROSS)/large.lwl -I schemas -I tests/golden $(CROSS_SCHEMAS)
lwl $(if $(SAN),LWL_SECONDS=60 LWL_MEGABYTES=3000) sh tests/lwl/run.sh $(LWL) $(T)
tools $(SAN_ENV) python3 tests/tools/run.py $(LWL) $(RELAY) $(T)
demo timeout 300 sh tests/demo.sh $(TREE) $(T)/demo
examples CFLAGS="$(SANFLAGS)" LDFLAGS="$(SANFLAGS)" timeout 300 sh tests/examples.sh $(B) $(T)/examples
arrows sh tests/arrows.sh
fuzz-schema $(T)/fuzz/replay-schema tests/fuzz/corpus/schema/* schemas/*.lwl tests/golden/*.lwl
fuzz-decode $(T)/fuzz/replay-decode tests/fuzz/corpus/decode/*
$(if $(SAN),,install sh tests/install/run.sh $(MAKE) $(T)/install)
$(if $(SAN),,valgrind sh tests/valgrind.sh $(T)/valgrind build/lwlc $(T)/unit/test_dispatch $(T)/unit/test_wire_walk $(T)/unit/test_names $(T)/unit/test_link $(T)/vectors/run)
$(foreach t,$(UNIT),$(notdir $(t)) $(SAN_ENV) $(t)$(newline))
test_loop $(SAN_ENV) $(E2E)
progress $(SAN_ENV) $(T)/link/progress 1 $(if $(SAN),200,1000)
kills $(SAN_ENV) timeout 600 python3 tests/e2e/kills.py $(TREE) $(T)/kills 1 40
hostile $(SAN_ENV) $(HOSTILE)
hostile-tcp $(SAN_ENV) $(HOSTILE) -t
vectors $(SAN_ENV) $(T)/vectors/run
endef
define newline


endef
export TESTS
# Nothing is written into the source tree.
export PYTHONDONTWRITEBYTECODE = 1

check: all $(CHECKED) build/packages-check
	@echo "$$TESTS" | python3 tests/run.py $(T)/logs

# Links and their loop under a checker for data races: worker threads, processes, hostile peers.
check-threads:
	$(MAKE) SAN=thread build/san-thread/tests/e2e/test_loop build/san-thread/tests/hostile/hostile
	build/san-thread/tests/e2e/test_loop
	build/san-thread/tests/hostile/hostile

# Peers side by side; what is not installed is installed as for the tests, or left out with a word.
bench: programs library build/packages-bench
	@sh tests/bench/run.sh

build/packages-bench: tools/packages.sh build/packages
	@sh tools/packages.sh bench || true
	@touch $@

golden-update: build/lwlc build/lwl
	sh tests/golden/run.sh build/lwlc $(T)/golden --update
	sh tests/lwl/run.sh build/lwl $(T) --update

# The vectors on a big-endian machine, as a program for s390x under an emulator.
check-bigendian: $(VECTORS_MADE) build/packages-bigendian
	@mkdir -p build/bigendian
	$(Q) s390x-linux-gnu-gcc -static $(VECTORS_CFLAGS) -o build/bigendian/run tests/vectors/run_plain.c \
		$(VECTORS_C) $(VECTORS_MADE) runtime/wire.c runtime/error.c
	@qemu-s390x build/bigendian/run tests/vectors/*.txt

build/packages-bigendian: tools/packages.sh
	@mkdir -p build
	@sh tools/packages.sh bigendian
	@touch $@

# ---- to be found by other programs ----

SCHEMA_FILES = $(SCHEMAS)
MAN_PAGES = lwlc.1 lwl.1 lwl-relay.1 lwlink.3 lwl.5 lwlink.7

$(B)/lwlink.pc: Makefile
	@mkdir -p $(@D)
	@printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR)' 'includedir=$(INCLUDEDIR)' \
		'lwlc=$(BINDIR)/lwlc' 'schemas=$(DATADIR)/schemas' '' 'Name: lwlink' \
		'Description: Commands between programs: messages, items and links' \
		'Version: $(VERSION)' 'Libs: -L$${libdir} -llwlink' 'Cflags: -I$${includedir}' >$@

$(B)/lwlink-uv.pc: Makefile
	@mkdir -p $(@D)
	@printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR)' '' 'Name: lwlink-uv' \
		'Description: Links between programs, on libuv' 'Version: $(VERSION)' \
		'Requires: lwlink' 'Requires.private: libuv' 'Libs: -L$${libdir} -llwlink-uv' >$@

install: programs library
	@$(MAKE) -s -B $(B)/lwlink.pc $(B)/lwlink-uv.pc
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)/lwlink \
		$(foreach n,1 3 5 7,$(DESTDIR)$(MANDIR)/man$(n)) $(DESTDIR)$(DATADIR)/schemas \
		$(DESTDIR)$(COMPLETIONDIR)
	install -m 755 $(LWLC) $(LWL) $(RELAY) $(DESTDIR)$(BINDIR)
	install -m 644 $(HEADERS) $(DESTDIR)$(INCLUDEDIR)/lwlink
	install -m 644 $(STATIC_LIB) $(STATIC_UV) $(DESTDIR)$(LIBDIR)
	install -m 755 $(SHARED_LIB) $(SHARED_UV) $(DESTDIR)$(LIBDIR)
	for lib in liblwlink liblwlink-uv; do for link in .$(SOVERSION) ''; do \
		ln -sf $$lib.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$$lib.so$$link || exit 1; done; done
	install -m 644 $(B)/lwlink.pc $(B)/lwlink-uv.pc $(DESTDIR)$(LIBDIR)/pkgconfig
	for page in $(MAN_PAGES); do \
		install -m 644 docs/$$page $(DESTDIR)$(MANDIR)/man$${page##*.} || exit 1; done
	install -m 644 tools/lwl.bash $(DESTDIR)$(COMPLETIONDIR)/lwl
	ln -sf lwl $(DESTDIR)$(COMPLETIONDIR)/lwl-relay
	install -m 644 $(SCHEMA_FILES) $(DESTDIR)$(DATADIR)/schemas

uninstall:
	rm -f $(addprefix $(DESTDIR)$(BINDIR)/,lwlc lwl lwl-relay) \
		$(addprefix $(DESTDIR)$(COMPLETIONDIR)/,lwl lwl-relay) \
		$(foreach lib,liblwlink liblwlink-uv,$(addprefix $(DESTDIR)$(LIBDIR)/$(lib),\
			.a .so .so.$(SOVERSION) .so.$(VERSION))) \
		$(DESTDIR)$(LIBDIR)/pkgconfig/lwlink.pc $(DESTDIR)$(LIBDIR)/pkgconfig/lwlink-uv.pc \
		$(foreach page,$(MAN_PAGES),$(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $(page)))/$(page)) \
		$(HEADERS:runtime/include/%=$(DESTDIR)$(INCLUDEDIR)/%) \
		$(SCHEMA_FILES:%=$(DESTDIR)$(DATADIR)/%)
	-rmdir $(DESTDIR)$(INCLUDEDIR)/lwlink $(DESTDIR)$(DATADIR)/schemas $(DESTDIR)$(DATADIR) 2>/dev/null

clean:
	rm -rf build $(filter-out generated/README.md,$(wildcard generated/*))

# The headers must be there before anything that includes them is compiled for the first time.
$(GENERATED_OBJ) $(TREE): | $(SCHEMAS:schemas/%.lwl=generated/%.lwl.h)

help:
	@sed -n '/^$$/q; s/^# \{0,1\}//p' Makefile
	@echo
	@echo '	make check-threads, make check-bigendian, make bench, make fuzz SECONDS=60, make golden-update, make uninstall, make clean'

# Nothing that was made is deleted again because it was only on the way to something.
.SECONDARY:

.PHONY: all programs library generated demo check check-threads check-bigendian golden-update fuzz bench install uninstall \
	clean help

@0xb6e1c5a0f2d94e37;

struct Stat {
  ino @0 :UInt64;
  size @1 :UInt64;
  blocks @2 :UInt64;
  change @3 :UInt64;
  atime @4 :Int64;
  mtime @5 :Int64;
  ctime @6 :Int64;
  mtimeNsec @7 :UInt32;
  nlink @8 :UInt32;
  uid @9 :UInt32;
  gid @10 :UInt32;
  blksize @11 :UInt32;
  type @12 :UInt16;
  mode @13 :UInt16;
}

struct Entry {
  name @0 :Data;
  stat :group {
    ino @1 :UInt64;
    size @2 :UInt64;
    blocks @3 :UInt64;
    change @4 :UInt64;
    atime @5 :Int64;
    mtime @6 :Int64;
    ctime @7 :Int64;
    mtimeNsec @8 :UInt32;
    nlink @9 :UInt32;
    uid @10 :UInt32;
    gid @11 :UInt32;
    blksize @12 :UInt32;
    type @13 :UInt16;
    mode @14 :UInt16;
  }
}

struct Page {
  entries @0 :List(Entry);
}

struct Write {
  offset @0 :UInt64;
  data @1 :Data;
}

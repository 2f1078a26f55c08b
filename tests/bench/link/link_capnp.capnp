# Cap'n Proto's interface in the link benchmark.
@0xb1d1f6c0a4e94b37;

interface Bench {
  call @0 (a :UInt64, b :UInt64) -> (a :UInt64, b :UInt64);
  write @1 (data :Data) -> (a :UInt64, b :UInt64);
  hold @2 (a :UInt64, b :UInt64) -> (a :UInt64, b :UInt64);
  release @3 (count :UInt32);
  make @4 (first :UInt32, count :UInt32) -> (made :List(Bench));
}

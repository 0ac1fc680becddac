#include "report/table.h"

#include <gtest/gtest.h>

namespace spate::report {
namespace {

TEST(Width, CountsColumnsNotBytes) {
  EXPECT_EQ(Width("abc"), 3u);
  EXPECT_EQ(Width("12 µs"), 5u);
  EXPECT_EQ(Width("e\u0301"), 1u);  // e and a combining acute accent
  EXPECT_EQ(Width("日本"), 4u);
  EXPECT_EQ(Width("\xff\xc3"), 2u);  // malformed: one column a byte
}

TEST(Clip, NeverCutsACharacter) {
  EXPECT_EQ(Clip("12 µs", 4), "12 µ");
  EXPECT_EQ(Clip("日本", 3), "日");
  EXPECT_EQ(Clip("abc", 9), "abc");
  EXPECT_EQ(Clip("abc", 0), "");
}

TEST(Printable, KeepsTextAndDisarmsControls) {
  EXPECT_EQ(Printable("größer → 3"), "größer → 3");
  EXPECT_EQ(Printable("a\033[2Jb\n"), "a·[2Jb·");
  EXPECT_EQ(Printable("\xc2\x9b"), "·");      // C1 control sequence introducer
  EXPECT_EQ(Printable("\u202egnp"), "·gnp");  // right-to-left override
  EXPECT_EQ(Printable("\xff"), "·");
}

TEST(Printable, OverlongFormsAreMalformed) {
  EXPECT_EQ(Printable("\xc0\x9b"), "··");            // ESC in two bytes
  EXPECT_EQ(Printable("\xed\xa0\x80"), "···");       // a surrogate
  EXPECT_EQ(Printable("\xf4\x90\x80\x80"), "····");  // above U+10FFFF
}

TEST(Table, AlignsByWidth) {
  Table table({{"Name"}, {"Took", Align::kRight}, {"Note"}});
  table.Add({"mqtt", "12.3 µs", "ok"});
  table.Add({"日本", "1 s", ""});
  table.Add({"x"});
  EXPECT_EQ(table.Render(),
            "Name     Took  Note\n"
            "mqtt  12.3 µs  ok\n"
            "日本      1 s\n"
            "x\n");
}

TEST(Table, MarksTheTitlesOnly) {
  Table table({{"A"}});
  table.Add({"1"});
  EXPECT_EQ(table.Render("<", ">"), "<A>\n1\n");
}

TEST(Table, CellsCannotDriveTheTerminal) {
  Table table({{"A"}, {"B"}});
  table.Add({"x\033[0my", "z"});
  EXPECT_EQ(table.Render(), "A       B\nx·[0my  z\n");
}

}  // namespace
}  // namespace spate::report

import CKernels
import Testing

@Suite("Masks of rows")
struct MaskKernelTests {
    private static let counts = [1, 2, 7, 8, 63, 64, 65, 127, 128, 129, 200, 256, 1000, 2048]

    private func words(_ count: Int, _ fill: (UnsafeMutablePointer<UInt64>) -> Void) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: (count + 63) / 64)
        words.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { fill(base) } }
        return words
    }

    private func rows(_ words: [UInt64], _ count: Int) -> [Int] { (0..<count).filter { words[$0 / 64] >> UInt64($0 % 64) & 1 == 1 } }

    @Test("changes are the rows that differ from the row before, added to what is marked", arguments: counts)
    func changes(count: Int) {
        for period in [1, 2, 3, 5, 64, 70, 5000] {
            let values = (0..<count).map { $0 / period * 7 }
            let expected = (0..<count).filter { $0 > 0 && values[$0] != values[$0 - 1] }
            let narrow = values.map { UInt32($0) }
            // Values that differ in their upper halves only.
            let wide = values.map { Int64($0) << 33 }
            #expect(rows(words(count) { zl_mark_changes_uint32(narrow, count, $0) }, count) == expected)
            #expect(rows(words(count) { zl_mark_changes_int64(wide, count, $0) }, count) == expected)
            let marked = words(count) {
                $0[0] = 1
                zl_mark_changes_int64(wide, count, $0)
            }
            #expect(rows(marked, count) == [0] + expected)
            #expect(words(count) { zl_mark_changes_uint32(narrow, count, $0) }.last.map { count % 64 == 0 || $0 >> UInt64(count % 64) == 0 } ?? true)
        }
    }

    @Test("places of bits come in order", arguments: counts)
    func places(count: Int) {
        for step in [1, 2, 3, 17, 63, 64, 65, 4000] {
            let expected = Array(stride(from: step / 2, to: count, by: step))
            let mask = words(count) { for row in expected { $0[row / 64] |= 1 << UInt64(row % 64) } }
            var found = [UInt32](repeating: 0, count: count + 64)
            let number = zl_mask_rows(mask, count, &found)
            #expect(found.prefix(number).map(Int.init) == expected)
            #expect(zl_count_marks(mask, mask.count) == expected.count)
        }
    }
}

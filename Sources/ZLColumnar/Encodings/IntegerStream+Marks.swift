import CKernels
import Glibc

/// Rows as bits: bit i % 64 of word i / 64 is 1 for row i of a range. The bits behind the last row are 0.
extension IntegerStream {
    /// Whether rows from here on can be marked and kept.
    static func canMark(from start: Int) -> Bool { start % blockSize == 0 }

    /// Marks the rows of `range`, from the start of a block, whose integers lie within `wanted`. Packed integers are compared as they lie; of
    /// blocks that are wholly within or without nothing but the directory is read.
    ///
    /// - Complexity: O(rows), for differences and more than 32 bits as long as decoding them
    func mark(_ range: Range<Int>, within wanted: ClosedRange<Int64>, into marks: UnsafeMutablePointer<UInt64>) {
        switch kind {
        case .constant, .runs:
            memset(marks, 0, (range.count + 63) / 64 * 8)
            eachRunOrAll(range) { value, first, count in
                if wanted.contains(value) { IntegerStream.set(first..<first + count, of: marks) }
            }
        case .packed:
            eachBlock(range) { block, rows, place in block.mark(rows.count, within: wanted, into: marks + place / 64) }
        case .delta:
            eachBlock(range) { block, rows, place in
                block.accumulated(rows) { IntegerStream.mark($0, rows.count, within: wanted, into: marks + place / 64) }
            }
        }
    }

    /// The integers of the marked rows of `range`, from the start of a block, cut to `T` of 4 or 8 bytes. `target` has room for a block more.
    ///
    /// - Complexity: O(rows) but for blocks without a mark
    func keep<T: FixedWidthInteger & BitwiseCopyable>(_ range: Range<Int>, _ marks: UnsafePointer<UInt64>, into target: UnsafeMutablePointer<T>) {
        eachMarkedBlock(range, marks, target) { decode($0, into: $1) }
    }

    /// The same as doubles, each divided by `divisor`.
    func keepScaled(_ range: Range<Int>, _ marks: UnsafePointer<UInt64>, divisor: Double, into target: UnsafeMutablePointer<Double>) {
        eachMarkedBlock(range, marks, target) { decodeScaled($0, divisor: divisor, into: $1) }
    }

    /// Decodes each block with marks behind what is kept so far, and moves its marked rows together there.
    @inline(__always)
    private func eachMarkedBlock<T: BitwiseCopyable>(
        _ range: Range<Int>, _ marks: UnsafePointer<UInt64>, _ target: UnsafeMutablePointer<T>,
        decode: (Range<Int>, UnsafeMutablePointer<T>) -> Void
    ) {
        var kept = 0
        for start in stride(from: range.lowerBound, to: range.upperBound, by: IntegerStream.blockSize) {
            let rows = start..<min(start + IntegerStream.blockSize, range.upperBound)
            let words = marks + (start - range.lowerBound) / 64
            var marked = 0
            for word in 0..<(rows.count + 63) / 64 { marked += words[word].nonzeroBitCount }
            if marked == 0 { continue }
            decode(rows, target + kept)
            if marked < rows.count { ColumnVector.keep(target + kept, marks: words, count: rows.count, into: target + kept) }
            kept += marked
        }
    }

    private func eachRunOrAll(_ range: Range<Int>, _ body: (Int64, Int, Int) -> Void) {
        if kind == .constant { body(constant, 0, range.count) } else { eachRun(range, body) }
    }

    private static func set(_ rows: Range<Int>, of marks: UnsafeMutablePointer<UInt64>) {
        var row = rows.lowerBound
        while row < rows.upperBound {
            let end = min(rows.upperBound, row / 64 * 64 + 64)
            marks[row / 64] |= (UInt64.max >> UInt64(64 - (end - row))) << UInt64(row % 64)
            row = end
        }
    }

    fileprivate static func mark(
        _ values: UnsafePointer<Int64>, _ count: Int, within wanted: ClosedRange<Int64>, into marks: UnsafeMutablePointer<UInt64>
    ) {
        zl_compare_int64s(values, wanted.lowerBound, Int32(ZL_GREATER_OR_EQUAL.rawValue), count, marks)
        if wanted.upperBound == .max { return }
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: blockSize / 64) { others in
            guard let others = others.baseAddress else { return }
            zl_compare_int64s(values, wanted.upperBound, Int32(ZL_LESS_OR_EQUAL.rawValue), count, others)
            for word in 0..<(count + 63) / 64 { marks[word] &= others[word] }
        }
    }
}

extension IntegerStream.Block {
    /// Marks those of the first `count` rows of a packed block whose values lie within `wanted`.
    fileprivate func mark(_ count: Int, within wanted: ClosedRange<Int64>, into marks: UnsafeMutablePointer<UInt64>) {
        let greatest = width == 64 ? UInt64.max : (1 << UInt64(width)) - 1
        let low = wanted.lowerBound > base ? UInt64(bitPattern: wanted.lowerBound &- base) : 0
        guard wanted.upperBound >= base, low <= greatest else {
            memset(marks, 0, (count + 63) / 64 * 8)
            return
        }
        let high = min(UInt64(bitPattern: wanted.upperBound &- base), greatest)
        if low == 0, high == greatest {
            memset(marks, 0xFF, (count + 63) / 64 * 8)
        } else if width > 32 {
            withUnsafeTemporaryAllocation(of: Int64.self, capacity: IntegerStream.blockSize) { scratch in
                guard let values = scratch.baseAddress else { return }
                eachOffset(of: 0..<count) { values[$0] = base &+ $1 }
                IntegerStream.mark(values, count, within: wanted, into: marks)
            }
        } else if count == IntegerStream.blockSize {
            zl_packed_within(words, UInt32(width), UInt32(low), UInt32(high - low), marks)
        } else {
            withUnsafeTemporaryAllocation(of: UInt64.self, capacity: IntegerStream.blockSize / 64) { whole in
                guard let whole = whole.baseAddress else { return }
                zl_packed_within(words, UInt32(width), UInt32(low), UInt32(high - low), whole)
                marks.update(from: whole, count: (count + 63) / 64)
            }
        }
        if count & 63 != 0 { marks[count >> 6] &= (1 << UInt64(count & 63)) - 1 }
    }
}

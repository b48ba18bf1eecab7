import CKernels
import Glibc

/// Rows as bits: bit i % 64 of word i / 64 is 1 for row i of a range. The bits behind the last row are 0.
extension IntegerStream {
    /// Whether rows from here on can be marked and kept.
    static func canMark(from start: Int) -> Bool { start % blockSize == 0 }

    /// Takes the marks off the rows of `range`, from the start of a block, whose integers do not lie within `wanted` or, where `isNegated`, do.
    /// Packed integers are compared as they lie; of blocks that are wholly within or without, or have no mark left, nothing but the directory is
    /// read.
    ///
    /// - Complexity: O(rows), for differences and more than 32 bits as long as decoding them
    func narrow(_ marks: UnsafeMutablePointer<UInt64>, _ range: Range<Int>, within wanted: ClosedRange<Int64>, isNegated: Bool) {
        switch kind {
        case .constant, .runs:
            eachRunOrAll(range) { value, first, count in
                if wanted.contains(value) == isNegated { IntegerStream.clear(first..<first + count, of: marks) }
            }
        case .packed, .delta:
            let wordCount = (range.count + 63) / 64
            withUnsafeTemporaryAllocation(of: UInt64.self, capacity: wordCount + IntegerStream.blockSize / 64) { scratch in
                guard let found = scratch.baseAddress else { return }
                found.update(repeating: 0, count: wordCount)
                eachMarkedBlock(range, marks) { block, rows, words in
                    if kind == .packed {
                        block.mark(rows.count, within: wanted, into: found + words)
                    } else {
                        block.markSums(rows, within: wanted, into: found + words)
                    }
                }
                // why: bytes that were just stored can not be loaded as words yet
                let flip: UInt64 = isNegated ? .max : 0
                for word in 0..<wordCount { marks[word] &= found[word] ^ flip }
            }
        }
    }

    /// The integers of the marked rows of `range`, from the start of a block, cut to `T` of 4 or 8 bytes. `target` has room for a block more.
    ///
    /// - Complexity: O(rows) but for blocks without a mark
    func keep<T: FixedWidthInteger & BitwiseCopyable>(_ range: Range<Int>, _ marks: UnsafePointer<UInt64>, into target: UnsafeMutablePointer<T>) {
        keep(range, marks, target, canConvert: { _ in true }, decode: { decode($0, into: $1) }) { block, numbers, count, kept in
            if T.bitWidth == 64 {
                zl_widen_numbers(numbers, count, block.base, UnsafeMutableRawPointer(kept).assumingMemoryBound(to: Int64.self))
            } else {
                for place in 0..<count { kept[place] = T(truncatingIfNeeded: Int64(numbers[place]) &+ block.base) }
            }
        }
    }

    /// The same as doubles, each divided by `divisor`.
    func keepScaled(_ range: Range<Int>, _ marks: UnsafePointer<UInt64>, divisor: Double, into target: UnsafeMutablePointer<Double>) {
        keep(range, marks, target, canConvert: { $0.smallBase != nil }, decode: { decodeScaled($0, divisor: divisor, into: $1) }) {
            block, numbers, count, kept in
            zl_scale_numbers(numbers, count, UInt32(truncatingIfNeeded: block.base), divisor, kept)
        }
    }

    /// Decodes blocks of which all rows are marked behind what is kept so far. Of packed blocks with fewer marks the packed numbers of these
    /// rows are moved together and then converted; other blocks are decoded, and their rows moved together then.
    @inline(__always)
    private func keep<T: BitwiseCopyable>(
        _ range: Range<Int>, _ marks: UnsafePointer<UInt64>, _ target: UnsafeMutablePointer<T>, canConvert: (Block) -> Bool,
        decode: (Range<Int>, UnsafeMutablePointer<T>) -> Void,
        convert: (Block, UnsafePointer<UInt32>, _ count: Int, UnsafeMutablePointer<T>) -> Void
    ) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: IntegerStream.blockSize + 16) { scratch in
            guard let numbers = scratch.baseAddress else { return }
            var kept = 0
            func keepDecoded(_ start: Int, _ rows: Range<Int>, _ words: UnsafePointer<UInt64>) {
                let first = range.lowerBound + start
                decode(first..<first + rows.count, target + kept)
                if IntegerStream.areAllMarked(words, rows.count) {
                    kept += rows.count
                } else {
                    kept += ColumnVector.keep(target + kept, marks: words, count: rows.count, into: target + kept)
                }
            }
            guard kind == .packed || kind == .delta else {
                for start in stride(from: 0, to: range.count, by: IntegerStream.blockSize) {
                    let count = min(IntegerStream.blockSize, range.count - start)
                    if IntegerStream.isAnyMarked(marks + start / 64, count) { keepDecoded(start, 0..<count, marks + start / 64) }
                }
                return
            }
            eachMarkedBlock(range, marks) { block, rows, word in
                let words = marks + word
                if kind == .packed, rows.count == IntegerStream.blockSize, 1...32 ~= block.width, canConvert(block),
                    !IntegerStream.areAllMarked(words, rows.count)
                {
                    let count = zl_keep_packed(block.words, UInt32(block.width), words, numbers)
                    convert(block, numbers, count, target + kept)
                    kept += count
                } else {
                    keepDecoded(word * 64, rows, words)
                }
            }
        }
    }

    /// Calls `body` with each block of `range`, which begins with a block, that has a mark; its rows; and which word of the marks is its first.
    @inline(__always)
    private func eachMarkedBlock(_ range: Range<Int>, _ marks: UnsafePointer<UInt64>, _ body: (Block, Range<Int>, Int) -> Void) {
        eachBlock(range) { block, rows, place in
            if IntegerStream.isAnyMarked(marks + place / 64, rows.count) { body(block, rows, place / 64) }
        }
    }

    @inline(__always)
    private static func isAnyMarked(_ words: UnsafePointer<UInt64>, _ count: Int) -> Bool {
        var bits: UInt64 = 0
        for word in 0..<(count + 63) / 64 { bits |= words[word] }
        return bits != 0
    }

    @inline(__always)
    private static func areAllMarked(_ words: UnsafePointer<UInt64>, _ count: Int) -> Bool {
        var bits = UInt64.max
        for word in 0..<count / 64 { bits &= words[word] }
        return bits == .max && (count & 63 == 0 || words[count / 64] == (1 << UInt64(count & 63)) - 1)
    }

    private func eachRunOrAll(_ range: Range<Int>, _ body: (Int64, Int, Int) -> Void) {
        if kind == .constant { body(constant, 0, range.count) } else { eachRun(range, body) }
    }

    private static func clear(_ rows: Range<Int>, of marks: UnsafeMutablePointer<UInt64>) {
        var row = rows.lowerBound
        while row < rows.upperBound {
            let end = min(rows.upperBound, row / 64 * 64 + 64)
            marks[row / 64] &= ~((UInt64.max >> UInt64(64 - (end - row))) << UInt64(row % 64))
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
    /// Marks those of the first `count` rows of a packed block whose values lie within `wanted`, and any behind them. `marks` has room for all rows.
    fileprivate func mark(_ count: Int, within wanted: ClosedRange<Int64>, into marks: UnsafeMutablePointer<UInt64>) {
        let greatest = width == 64 ? UInt64.max : (1 << UInt64(width)) - 1
        let low = wanted.lowerBound > base ? UInt64(bitPattern: wanted.lowerBound &- base) : 0
        if wanted.upperBound < base || low > greatest { return marks.update(repeating: 0, count: (count + 63) / 64) }
        let high = min(UInt64(bitPattern: wanted.upperBound &- base), greatest)
        if low == 0, high == greatest { return marks.update(repeating: .max, count: (count + 63) / 64) }
        if width <= 32 { return zl_packed_within(words, UInt32(width), UInt32(low), UInt32(high - low), marks) }
        withUnsafeTemporaryAllocation(of: Int64.self, capacity: IntegerStream.blockSize) { scratch in
            guard let values = scratch.baseAddress else { return }
            eachOffset(of: 0..<count) { values[$0] = base &+ $1 }
            IntegerStream.mark(values, count, within: wanted, into: marks)
        }
    }

    /// The same for rows of a block that holds differences.
    fileprivate func markSums(_ rows: Range<Int>, within wanted: ClosedRange<Int64>, into marks: UnsafeMutablePointer<UInt64>) {
        if let bounds = boundsOfSteps(rows) {
            let wordCount = (rows.count + 63) / 64
            if !wanted.overlaps(bounds) { return marks.update(repeating: 0, count: wordCount) }
            if wanted.contains(bounds.lowerBound), wanted.contains(bounds.upperBound) { return marks.update(repeating: .max, count: wordCount) }
        }
        accumulated(rows) { IntegerStream.mark($0, rows.count, within: wanted, into: marks) }
    }
}

import CKernels

/// How the rows of a column stand to a constant.
package final class ConstantTest: Sendable {
    /// A `zl_comparison`.
    package let comparison: Int32
    /// One value, not NULL.
    package let constant: ColumnVector

    package init(comparison: Int32, constant: ColumnVector) {
        self.comparison = comparison
        self.constant = constant
    }

    fileprivate var isNegated: Bool { comparison == Int32(ZL_NOT_EQUAL.rawValue) }

    /// The integers that pass; of != those that do not. Nil where there are none.
    fileprivate func integers(_ constant: Int64) -> ClosedRange<Int64>? {
        switch zl_comparison(rawValue: UInt32(comparison)) {
        case ZL_LESS: constant == .min ? nil : .min...constant - 1
        case ZL_LESS_OR_EQUAL: .min...constant
        case ZL_GREATER: constant == .max ? nil : constant + 1 ... .max
        case ZL_GREATER_OR_EQUAL: constant ... .max
        default: constant...constant
        }
    }

    /// The integers whose quotients by `divisor` pass, as above. Quotients do not fall where integers rise.
    ///
    /// - Returns: nil where that cannot be said.
    fileprivate func integers(_ constant: Double, divisor: Double) -> Quotients? {
        // why: no integer is so large
        if abs(constant) >= 0x1p64 {
            let below = [ZL_LESS, ZL_LESS_OR_EQUAL], above = [ZL_GREATER, ZL_GREATER_OR_EQUAL]
            let passAll = (constant > 0 ? below : above).contains { Int32($0.rawValue) == comparison }
            return Quotients(integers: passAll ? .min ... .max : nil)
        }
        guard let least = ConstantTest.first(divisor, where: { $0 >= constant }, near: constant * divisor),
            let above = ConstantTest.first(divisor, where: { $0 > constant }, near: constant * divisor)
        else { return nil }
        switch zl_comparison(rawValue: UInt32(comparison)) {
        case ZL_LESS: return Quotients(integers: .min...least - 1)
        case ZL_LESS_OR_EQUAL: return Quotients(integers: .min...above - 1)
        case ZL_GREATER: return Quotients(integers: above ... .max)
        case ZL_GREATER_OR_EQUAL: return Quotients(integers: least ... .max)
        default: return Quotients(integers: least < above ? least...above - 1 : nil)
        }
    }

    fileprivate struct Quotients {
        let integers: ClosedRange<Int64>?
    }

    /// The first integer whose quotient passes, where all behind it pass too.
    private static func first(_ divisor: Double, where passes: (Double) -> Bool, near product: Double) -> Int64? {
        guard abs(product) < 0x1p51 else { return nil }
        let middle = Int64(product.rounded(.down))
        guard !passes(Double(middle - 3) / divisor) else { return nil }
        return (middle - 2...middle + 3).first { passes(Double($0) / divisor) }
    }
}

extension EncodedSegment {
    /// Takes the marks off the rows of `range` that do not pass, without decoding them: bit i % 64 of marks[i / 64] for row i of the range, none
    /// behind its last row. NULLs do not pass.
    ///
    /// - Returns: false, with the marks as they were, where rows of this encoding or from here on must be decoded for that.
    func narrow(_ marks: UnsafeMutablePointer<UInt64>, _ range: Range<Int>, _ test: ConstantTest) -> Bool {
        guard case .stream(let stream, let meaning) = values, type == test.constant.type, IntegerStream.canMark(from: range.lowerBound)
        else { return false }
        let wanted: ClosedRange<Int64>?
        switch meaning {
        case .integers:
            guard let constant = EncodedSegment.integer(test.constant) else { return false }
            wanted = test.integers(constant)
        case .scaled(let divisor):
            guard let found = test.integers(test.constant.values(Double.self)[0], divisor: divisor) else { return false }
            wanted = found.integers
        case .codes:
            return false
        }
        var passing: [Int] = []
        eachException(range) { row, value in
            var bit: UInt64 = 0
            withUnsafePointer(to: value) { zl_compare_doubles($0, test.constant.values(Double.self)[0], test.comparison, 1, &bit) }
            if bit & marks[row >> 6] >> UInt64(row & 63) & 1 == 1 { passing.append(row) }
        }
        let wordCount = (range.count + 63) / 64
        if let wanted {
            stream.narrow(marks, range, within: wanted, isNegated: test.isNegated)
        } else if !test.isNegated {
            marks.update(repeating: 0, count: wordCount)
        }
        eachException(range) { row, _ in marks[row >> 6] &= ~(1 << UInt64(row & 63)) }
        for row in passing { marks[row >> 6] |= 1 << UInt64(row & 63) }
        if let validity {
            let valid = validity.words + range.lowerBound / 64
            for word in 0..<wordCount { marks[word] &= valid[word] }
        }
        return true
    }

    private static func integer(_ constant: ColumnVector) -> Int64? {
        switch constant.physical {
        case .int8: Int64(constant.values(Int8.self)[0])
        case .int16: Int64(constant.values(Int16.self)[0])
        case .int32: Int64(constant.values(Int32.self)[0])
        case .int64: constant.values(Int64.self)[0]
        case .uint8: Int64(constant.values(UInt8.self)[0])
        case .uint16: Int64(constant.values(UInt16.self)[0])
        case .uint32: Int64(constant.values(UInt32.self)[0])
        default: nil
        }
    }

    /// The marked rows of `range`, of which there are `kept`.
    ///
    /// - Throws: class corruption for a code that has no text.
    func decode(_ range: Range<Int>, marks: UnsafePointer<UInt64>, _ kept: Int) throws(ZLError) -> ColumnVector {
        let stride = type.physical == .string ? 4 : type.physical.stride
        guard kept < range.count, case .stream(let stream, let meaning) = values, stride == 4 || stride == 8,
            IntegerStream.canMark(from: range.lowerBound)
        else { return try decode(range).keeping(marks, kept) }
        if kept <= range.count / EncodedSegment.mostPicked {
            let rows = Buffer(byteCount: (kept + 64) * 4)
            _ = zl_mask_rows(marks, range.count, rows.values(UInt32.self))
            defer { withExtendedLifetime(rows) {} }
            return try decode(range, at: rows.values(UInt32.self), count: kept)
        }
        let target = Buffer(byteCount: (kept + IntegerStream.blockSize) * stride)
        let valid = validity?.slice(range)?.keeping(marks, kept)
        switch meaning {
        case .scaled(let divisor):
            stream.keepScaled(range, marks, divisor: divisor, into: target.values(Double.self))
            var (counted, place) = (0, 0)
            eachException(range) { row, value in
                guard marks[row >> 6] >> UInt64(row & 63) & 1 == 1 else { return }
                while counted < row >> 6 {
                    place += marks[counted].nonzeroBitCount
                    counted += 1
                }
                let before = marks[row >> 6] & ((1 << UInt64(row & 63)) - 1)
                target.values(Double.self)[place + before.nonzeroBitCount] = value
            }
        case .codes(let dictionary):
            stream.keep(range, marks, into: target.values(UInt32.self))
            return try texts(target, count: kept, dictionary, valid)
        case .integers:
            if stride == 8 { stream.keep(range, marks, into: target.values(Int64.self)) } else { stream.keep(range, marks, into: target.values(UInt32.self)) }
        }
        return ColumnVector(type: type, count: kept, buffer: target, validity: valid)
    }
}

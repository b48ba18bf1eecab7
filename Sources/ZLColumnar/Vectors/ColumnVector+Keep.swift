import CKernels

extension ColumnVector {
    /// The rows whose bit is 1: bit i % 64 of marks[i / 64], none behind the last row.
    ///
    /// - Parameter kept: how many these are.
    /// - Complexity: O(count). A constant vector stays constant, a dictionary vector keeps its dictionary.
    package func keeping(_ marks: UnsafePointer<UInt64>, _ kept: Int) -> ColumnVector {
        if kept == count { return self }
        let stride = form == .dictionary ? 4 : physical.stride
        guard form == .flat || form == .dictionary, stride == 4 || stride == 8 else {
            let rows = Buffer(byteCount: (kept + 64) * 4)
            _ = zl_mask_rows(marks, count, rows.values(UInt32.self))
            return withExtendedLifetime(rows) { gather(rows.values(UInt32.self), count: kept) }
        }
        let buffer = Buffer(byteCount: max(16, kept * stride))
        if stride == 8 {
            ColumnVector.keep(values(UInt64.self), marks: marks, count: count, into: buffer.values(UInt64.self))
        } else {
            ColumnVector.keep(values(UInt32.self), marks: marks, count: count, into: buffer.values(UInt32.self))
        }
        return ColumnVector(
            type: type, form: form, count: kept, buffer: buffer, validity: validity?.keeping(marks, kept), dictionary: dictionary, heaps: heaps)
    }

    /// Writes the marked values, of 4 or 8 bytes each, one behind the other, and returns their number. `target` may be `values` itself, and has room for 64 bytes more.
    @inline(__always) @discardableResult
    static func keep<T: BitwiseCopyable>(
        _ values: UnsafePointer<T>, marks: UnsafePointer<UInt64>, count: Int, into target: UnsafeMutablePointer<T>
    ) -> Int {
        let (source, kept) = (UnsafeRawPointer(values), UnsafeMutableRawPointer(target))
        return MemoryLayout<T>.stride == 8
            ? zl_keep_64(source.assumingMemoryBound(to: UInt64.self), marks, count, kept.assumingMemoryBound(to: UInt64.self))
            : zl_keep_32(source.assumingMemoryBound(to: UInt32.self), marks, count, kept.assumingMemoryBound(to: UInt32.self))
    }
}

extension ValidityBitmap {
    /// The marked rows, of which there are `kept`.
    ///
    /// - Complexity: O(count / 64 + kept)
    func keeping(_ marks: UnsafePointer<UInt64>, _ kept: Int) -> ValidityBitmap {
        let result = ValidityBitmap(count: kept, allValid: true)
        var place = 0
        for word in 0..<wordCount {
            var bits = marks[word]
            if bits & ~words[word] == 0 {
                place += bits.nonzeroBitCount
                continue
            }
            while bits != 0 {
                if words[word] >> UInt64(bits.trailingZeroBitCount) & 1 == 0 { result.setNull(place) }
                bits &= bits - 1
                place += 1
            }
        }
        return result
    }
}

extension ColumnVector {
    /// Marks a row that has no source in `gather`: it becomes NULL (the unmatched side of an outer join).
    package static let noRow = UInt32.max

    /// The rows at `indices`, in that order; `noRow` gives NULL, and may stand there only where `allowsMissing`.
    ///
    /// - Complexity: O(count). A constant vector stays constant, a dictionary vector keeps its dictionary.
    package func gather(_ indices: UnsafePointer<UInt32>, count: Int, allowsMissing: Bool = false) -> ColumnVector {
        gather(indices, count: count, present: allowsMissing ? ValidityBitmap.present(indices, count: count) : nil)
    }

    /// - Parameter present: which rows are not `noRow`; nil where none is.
    package func gather(_ indices: UnsafePointer<UInt32>, count: Int, present: ValidityBitmap?) -> ColumnVector {
        if form == .constant, present == nil { return resized(to: count) }
        let source = form == .constant || form == .sequence ? flattened() : self
        return source.gatherRows(indices, count: count, present: present)
    }

    private func gatherRows(_ indices: UnsafePointer<UInt32>, count: Int, present: ValidityBitmap?) -> ColumnVector {
        let stride = form == .dictionary ? 4 : physical.stride
        let buffer = Buffer(byteCount: max(16, count * stride))
        if present != nil {
            switch stride {
            case 1: ColumnVector.gatherMissing(UInt8(0), data, indices, count, buffer.address)
            case 2: ColumnVector.gatherMissing(UInt16(0), data, indices, count, buffer.address)
            case 4: ColumnVector.gatherMissing(UInt32(0), data, indices, count, buffer.address)
            case 8: ColumnVector.gatherMissing(UInt64(0), data, indices, count, buffer.address)
            default: ColumnVector.gatherMissing(StringView(), data, indices, count, buffer.address)
            }
        } else {
            copyRows(indices, count, to: buffer.address)
        }
        var gathered = present
        if let validity {
            let bitmap = ValidityBitmap(count: count, allValid: true)
            for row in 0..<count where indices[row] == ColumnVector.noRow || !validity.isValid(Int(indices[row])) { bitmap.setNull(row) }
            gathered = bitmap
        }
        return ColumnVector(
            type: type, form: form, count: count, buffer: buffer, validity: gathered, dictionary: dictionary, heaps: heaps)
    }

    /// The rows at `indices`, many of them shared out between the threads.
    package func gather(_ indices: UnsafePointer<UInt32>, count: Int, threads: Int) throws -> ColumnVector {
        guard threads > 1, count > 2 * ColumnVector.rowsPerTask, form == .flat || form == .dictionary else {
            return gather(indices, count: count)
        }
        let stride = form == .dictionary ? 4 : physical.stride
        let buffer = Buffer(byteCount: count * stride)
        let bitmap = validity == nil ? nil : ValidityBitmap(count: count, allValid: true)
        let rows = GatheredRows(indices: indices)
        try WorkerPool.shared.forEach(count: (count + ColumnVector.rowsPerTask - 1) / ColumnVector.rowsPerTask, threads: threads) { task in
            let range = task * ColumnVector.rowsPerTask..<min(count, (task + 1) * ColumnVector.rowsPerTask)
            self.copyRows(rows.indices + range.lowerBound, range.count, to: buffer.address + range.lowerBound * stride)
            guard let bitmap, let validity = self.validity else { return }
            for row in range where !validity.isValid(Int(rows.indices[row])) { bitmap.setNull(row) }
        }
        return ColumnVector(type: type, form: form, count: count, buffer: buffer, validity: bitmap, dictionary: dictionary, heaps: heaps)
    }

    /// A multiple of 64, so that no two tasks write one word of a bitmap.
    private static let rowsPerTask = 1 << 16

    private struct GatheredRows: @unchecked Sendable {  // proof: only read
        let indices: UnsafePointer<UInt32>
    }

    private func copyRows(_ indices: UnsafePointer<UInt32>, _ count: Int, to target: UnsafeMutableRawPointer) {
        switch form == .dictionary ? 4 : physical.stride {
        case 1: ColumnVector.gatherAll(UInt8.self, data, indices, count, target)
        case 2: ColumnVector.gatherAll(UInt16.self, data, indices, count, target)
        case 4: ColumnVector.gatherAll(UInt32.self, data, indices, count, target)
        case 8: ColumnVector.gatherAll(UInt64.self, data, indices, count, target)
        default: ColumnVector.gatherAll(StringView.self, data, indices, count, target)
        }
    }

    private static func gatherAll<T>(
        _ element: T.Type, _ source: UnsafeMutableRawPointer, _ indices: UnsafePointer<UInt32>, _ count: Int,
        _ target: UnsafeMutableRawPointer
    ) {
        let from = source.assumingMemoryBound(to: T.self)
        let to = target.assumingMemoryBound(to: T.self)
        for row in 0..<count { to[row] = from[Int(indices[row])] }
    }

    private static func gatherMissing<T>(
        _ filler: T, _ source: UnsafeMutableRawPointer, _ indices: UnsafePointer<UInt32>, _ count: Int,
        _ target: UnsafeMutableRawPointer
    ) {
        let from = source.assumingMemoryBound(to: T.self)
        let to = target.assumingMemoryBound(to: T.self)
        for row in 0..<count {
            // why: a row that is missing reads the first one for nothing, so that the loop has no branch
            let isKnown = indices[row] != noRow
            let value = from[isKnown ? Int(indices[row]) : 0]
            to[row] = isKnown ? value : filler
        }
    }

    /// The same values in flat form; itself when it is flat already.
    ///
    /// - Complexity: O(count) for the other forms.
    package func flattened() -> ColumnVector {
        switch form {
        case .flat: self
        case .constant: expandedConstant()
        case .dictionary: expandedDictionary()
        case .sequence: expandedSequence()
        }
    }

    private func expandedConstant() -> ColumnVector {
        let stride = physical.stride
        let buffer = Buffer(byteCount: max(16, count * stride))
        switch stride {
        case 1: buffer.values(UInt8.self).update(repeating: values(UInt8.self)[0], count: count)
        case 2: buffer.values(UInt16.self).update(repeating: values(UInt16.self)[0], count: count)
        case 4: buffer.values(UInt32.self).update(repeating: values(UInt32.self)[0], count: count)
        case 8: buffer.values(UInt64.self).update(repeating: values(UInt64.self)[0], count: count)
        default: buffer.values(StringView.self).update(repeating: values(StringView.self)[0], count: count)
        }
        let bitmap = isNull(0) ? ValidityBitmap(count: count, allValid: false) : nil
        return ColumnVector(type: type, count: count, buffer: buffer, validity: bitmap, heaps: heaps)
    }

    private func expandedDictionary() -> ColumnVector {
        guard let dictionary, dictionary.count > 0 else { return ColumnVector.nulls(type, count: count).flattened() }
        return dictionary.gatherRows(codes, count: count, present: nil).withValidity(validity)
    }

    private func expandedSequence() -> ColumnVector {
        let first = values(Int64.self)[0]
        let step = values(Int64.self)[1]
        let buffer = Buffer(byteCount: max(16, count * physical.stride))
        switch physical {
        case .int32: ColumnVector.fill(buffer.values(Int32.self), first, step, count)
        case .int64: ColumnVector.fill(buffer.values(Int64.self), first, step, count)
        case .uint32: ColumnVector.fill(buffer.values(UInt32.self), first, step, count)
        case .uint64: ColumnVector.fill(buffer.values(UInt64.self), first, step, count)
        default: preconditionFailure("a sequence has a 32-bit or 64-bit integer layout")
        }
        return ColumnVector(type: type, count: count, buffer: buffer)
    }

    private static func fill<T: FixedWidthInteger>(
        _ target: UnsafeMutablePointer<T>, _ first: Int64, _ step: Int64, _ count: Int
    ) {
        var value = first
        for row in 0..<count {
            target[row] = T(truncatingIfNeeded: value)
            value &+= step
        }
    }
}

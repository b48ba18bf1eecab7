import ZLColumnar

/// Any aggregate over any frame: a state of its own for each distinct frame.
///
/// - Complexity: O(rows of the frame) a row; O(1) where the frame equals that of the row before, as whole partitions do; a
///   frame that only grows keeps its state while it is not asked for.
package struct AggregateWindow: WindowEvaluator {
    private let overload: AggregateOverload
    private let signature: ResolvedSignature
    private let constants: [Value?]

    package static func makeEvaluator(
        _ overload: AggregateOverload, signature: ResolvedSignature, constants: [Value?]
    ) -> any WindowEvaluator {
        AggregateWindow(overload: overload, signature: signature, constants: constants)
    }

    package func evaluate(_ partition: WindowPartition, into output: WindowOutput) throws(ZLError) {
        var last: Range<Int>?
        var value: ColumnVector?
        for row in partition.rows {
            let range = partition.frameRange(row)
            if last != range || partition.exclusion != .noOthers {
                let made = try aggregate(partition, range, row)
                if !made.heaps.isEmpty { output.adopt(made.heaps) }
                value = made
                last = range
            }
            if let value, !value.isNull(0) { output.copy(value, from: 0, to: row) }
        }
    }

    private func aggregate(_ partition: WindowPartition, _ range: Range<Int>, _ row: Int) throws(ZLError) -> ColumnVector {
        let state = try overload.makeState(signature, constants)
        state.grow(to: 1)
        if partition.filter == nil, partition.exclusion == .noOthers {
            let size = DataChunk.blockSize
            var start = range.lowerBound
            while start < range.upperBound {
                let end = min(range.upperBound, start + size)
                try state.update(
                    partition.arguments.map { $0.slice(start..<end) }, count: end - start, groups: nil,
                    block: (start - range.lowerBound) / size)
                start = end
            }
            return try state.finish().flattened()
        }
        var picked: [UInt32] = []
        for other in range where partition.filter?[other] != 0 && !partition.excludes(other, from: row) { picked.append(UInt32(other)) }
        if !picked.isEmpty {
            let vectors = picked.withUnsafeBufferPointer { indices in
                partition.arguments.map { argument in
                    indices.baseAddress.map { argument.gather($0, count: picked.count) } ?? argument
                }
            }
            try state.update(vectors, count: picked.count, groups: nil, block: 0)
        }
        return try state.finish().flattened()
    }
}

extension WindowOutput {
    /// Copies a value that is not NULL; long strings stay where they are, so the source must outlive the output.
    func copy(_ source: ColumnVector, from place: Int, to row: Int) {
        switch type.physical.stride {
        case 1: values(UInt8.self)[row] = source.values(UInt8.self)[place]
        case 2: values(UInt16.self)[row] = source.values(UInt16.self)[place]
        case 4: values(UInt32.self)[row] = source.values(UInt32.self)[place]
        case 8: values(UInt64.self)[row] = source.values(UInt64.self)[place]
        default: values(StringView.self)[row] = source.values(StringView.self)[place]
        }
        valid[row] = 1
    }

    func set(_ value: Double?, at row: Int) {
        guard let value else { return }
        values(Double.self)[row] = value
        valid[row] = 1
    }

    func set(_ value: Int64, at row: Int) {
        values(Int64.self)[row] = value
        valid[row] = 1
    }
}

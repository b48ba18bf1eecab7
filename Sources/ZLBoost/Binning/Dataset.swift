import ZLColumnar

/// Rows of a training matrix, binned once: what trees grow on.
///
/// Bins come from these rows alone. Trivial features have no column. Labels and weights are Float32; weights that are all 1 are
/// dropped, as LightGBM's Python package drops them.
package final class Dataset: Sendable {
    let matrix: TrainingMatrix
    /// One mapper for every feature of the matrix.
    let mappers: [BinMapper]
    /// The features that a split can use: their indices in the matrix, ascending. A column of `bins` each.
    let usedFeatures: [Int]
    let bins: BinColumns
    let layout: HistogramLayout
    /// The bins row by row.
    let rowBins: RowBins
    let labels: [Float]
    let weights: [Float]?

    package var rowCount: Int { labels.count }

    /// Bins `rows` of the matrix, columns spread over up to `threads` threads.
    ///
    /// - Throws: no rows, or weights whose sum is not greater than 0.
    package init(
        _ matrix: TrainingMatrix, rows: Range<Int>, parameters: BoostParameters, threads: Int = 1
    ) throws(ZLError) {
        guard !rows.isEmpty else {
            throw ZLError(.execution, "no_training_rows", "a model cannot be trained on 0 rows")
        }
        self.matrix = matrix
        labels = RowSlice.labels(matrix, rows)
        weights = try RowSlice.weights(matrix, rows)
        let rowCount: Int = rows.count
        var generator = RandomGenerator(seed: parameters.dataRandomSeed)
        let sampled: [Int]? =
            rowCount > parameters.binConstructSampleCount
            ? generator.sample(parameters.binConstructSampleCount, of: rowCount) : nil
        let sampleCount: Int = sampled?.count ?? rowCount
        let filterShare: Double = Double(parameters.minDataInLeaf * sampleCount) / Double(rowCount)
        let filterRows: Int? = parameters.featurePreFilter ? Int(filterShare) : nil
        let mappers: [BinMapper] = try WorkerPool.shared.map(count: matrix.columns.count, threads: threads) { index in
            let values = UnsafeBufferPointer(rebasing: matrix.columns[index][rows])
            let sample: [Double] = sampled.map { indices in indices.map { values[$0] } } ?? Array(values)
            return BinMapper(sample: sample, parameters: parameters, filterRows: filterRows)
        }
        let usedFeatures: [Int] = mappers.indices.filter { !mappers[$0].isTrivial }
        self.mappers = mappers
        self.usedFeatures = usedFeatures
        bins = try RowSlice.bins(matrix, rows, mappers, usedFeatures, threads: threads)
        let columns: [ColumnLayout] = usedFeatures.map { ColumnLayout(feature: $0, mappers[$0]) }
        layout = HistogramLayout(columns, width: bins.width)
        rowBins = try RowBins(bins, layout, threads: threads)
    }
}

/// Rows that a model is measured on while it grows, binned like the training rows.
package final class ValidationSet: Sendable {
    package let name: String
    let bins: BinColumns
    let labels: [Float]
    let weights: [Float]?

    package var rowCount: Int { labels.count }

    /// Bins `rows` of a matrix with the same features by the bins of `dataset`.
    ///
    /// Weights count in the metrics if `isWeighted`; walk-forward validation measures without them.
    package init(
        name: String, _ matrix: TrainingMatrix, rows: Range<Int>, binnedLike dataset: Dataset, isWeighted: Bool
    ) throws(ZLError) {
        guard !rows.isEmpty else {
            throw ZLError(.execution, "no_validation_rows", "validation set \(name) has 0 rows")
        }
        precondition(matrix.columns.count == dataset.mappers.count)
        self.name = name
        labels = RowSlice.labels(matrix, rows)
        weights = isWeighted ? try RowSlice.weights(matrix, rows) : nil
        bins = try RowSlice.bins(matrix, rows, dataset.mappers, dataset.usedFeatures, threads: 1)
    }
}

/// What a data set takes from rows of a matrix.
private enum RowSlice {
    static func labels(_ matrix: TrainingMatrix, _ rows: Range<Int>) -> [Float] {
        matrix.labels[rows].map { Float($0) }
    }

    static func weights(_ matrix: TrainingMatrix, _ rows: Range<Int>) throws(ZLError) -> [Float]? {
        guard let all = matrix.weights else { return nil }
        let weights: [Float] = all[rows].map { Float($0) }
        if weights.allSatisfy({ $0 == 1 }) { return nil }
        guard weights.contains(where: { $0 > 0 }) else {
            throw ZLError(
                .execution, "zero_weights",
                "all \(rows.count) rows have the weight 0, expected at least one that is larger")
        }
        return weights
    }

    static func bins(
        _ matrix: TrainingMatrix, _ rows: Range<Int>, _ mappers: [BinMapper], _ usedFeatures: [Int], threads: Int
    ) throws(ZLError) -> BinColumns {
        let isWide: Bool = usedFeatures.contains { mappers[$0].binCount > 256 }
        let bins = BinColumns(width: isWide ? .word : .byte, rowCount: rows.count, columnCount: usedFeatures.count)
        _ = try WorkerPool.shared.map(count: usedFeatures.count, threads: threads) { column in
            let feature: Int = usedFeatures[column]
            let values = UnsafeBufferPointer(rebasing: matrix.columns[feature][rows])
            bins.fill(column, from: values, by: mappers[feature])
        }
        return bins
    }
}

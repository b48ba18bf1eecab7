import ZLColumnar

/// The values of every metric on every data set, one a round.
package struct MetricHistory: Sendable, Equatable {
    /// One metric on one data set.
    package struct Series: Sendable, Equatable {
        package var dataset: String
        package var metric: String
        /// The value after round i + 1.
        package var values: [Double]
    }

    package var series: [Series] = []

    package init() {}

    private static let header = "dataset,metric,iteration,value"

    /// Lines of `dataset,metric,iteration,value` under a header, numbers so that they read back to the same bits.
    package var text: String {
        var text: String = Self.header + "\n"
        for one in series {
            for (index, value) in one.values.enumerated() {
                text += "\(one.dataset),\(one.metric),\(index + 1),\(value)\n"
            }
        }
        return text
    }

    /// Reads what `text` writes.
    ///
    /// - Throws: an error that names the line for anything else.
    package init(parsing text: String) throws(ZLError) {
        var number = 0
        for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true) {
            number += 1
            if number == 1 {
                guard Array(line) == Array(Self.header.utf8) else { throw Self.malformed(number) }
                continue
            }
            let fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            guard fields.count == 4, let dataset = String(fields[0]), let metric = String(fields[1]),
                let iteration = String(fields[2]).flatMap({ Int($0) }),
                let value = String(fields[3]).flatMap({ Double($0) })
            else { throw Self.malformed(number) }
            if series.last?.dataset != dataset || series.last?.metric != metric {
                series.append(Series(dataset: dataset, metric: metric, values: []))
            }
            let last: Int = series.count - 1
            guard iteration == series[last].values.count + 1 else { throw Self.malformed(number) }
            series[last].values.append(value)
        }
        guard number > 0 else { throw Self.malformed(1) }
    }

    private static func malformed(_ line: Int) -> ZLError {
        ZLError(.corruption, "metric_history", "metric history, line \(line): expected \(header)")
    }
}

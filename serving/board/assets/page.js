// Draws the charts of the page from the data beside them. The page's policy allows this text and Vega's bundle alone, by
// their hashes, so that nothing else runs and nothing is loaded.
const charts = JSON.parse(document.getElementById("charts").textContent);
const font = getComputedStyle(document.body).fontFamily;
const named = (chart) => chart.series.length > 1;
const FEW = 16;

function axis(chart) {
  const { scale, prefix, suffix } = chart.form;
  const number = `format(datum.value / ${10 ** scale}, ',~f')`;
  return `(datum.value < 0 ? '−' : '') + ${JSON.stringify(prefix)} + replace(${number}, '−', '') + ${JSON.stringify(suffix)}`;
}

function rows(chart) {
  let reached = 0;
  const last = chart.rows.length - 1;
  return chart.rows.map((row, place) => {
    const value = Number(row.value);
    const from = place > 0 && place < last ? reached : Number(chart.floor);
    reached = place > 0 && place < last ? from + value : value;
    return { ...row, value, from, to: reached, top: Math.max(from, reached) };
  });
}

function spec(chart) {
  const values = rows(chart);
  const across = chart.kind === "bars";
  const line = chart.kind === "line";
  const fall = chart.kind === "waterfall";
  const side = named(chart) && (chart.kind === "columns" || across);
  const order = { type: "nominal", sort: null, title: null };
  const category = {
    ...order, field: "category", sort: chart.categories,
    axis: { labelAngle: 0, labelLimit: across ? 280 : 150, labelOverlap: across ? false : "greedy", ticks: false, domainColor: "#9aa5ae" },
  };
  const amount = {
    type: "quantitative", title: null, field: fall ? "from" : "value", stack: chart.kind === "stacked" ? "zero" : null,
    scale: fall ? { zero: false, nice: false, domainMin: Number(chart.floor) } : { zero: !line || chart.form.scale >= 0 },
    axis: fall ? null : { labelExpr: axis(chart), tickCount: 5, gridColor: "#e6eaed", domain: false, ticks: false },
  };
  const colour = chart.own
    ? { field: "colour", type: "nominal", legend: null, scale: { domain: Object.keys(PALETTE), range: Object.values(PALETTE) } }
    : {
        ...order, field: "series", legend: named(chart) ? { title: null, orient: "top", labelLimit: 260, symbolType: "square" } : null,
        scale: { domain: chart.series.map((one) => one.name), range: chart.series.map((one) => PALETTE[one.colour]) },
      };
  const place = { [across ? "y" : "x"]: category, [across ? "x" : "y"]: amount };
  const beside = across ? "yOffset" : "xOffset";
  if (side) place[beside] = { field: "series", sort: null };
  const drawn = {
    mark: line ? { type: "line", point: { size: 46, filled: true }, strokeWidth: 2.5 } : { type: "bar", cornerRadiusEnd: 1 },
    params: named(chart) ? [{ name: "chosen", select: { type: "point", fields: ["series"] }, bind: "legend" }] : [],
    encoding: {
      ...place, color: colour,
      ...(fall ? { y2: { field: "to" } } : {}),
      ...(named(chart) ? { opacity: { condition: { param: "chosen", value: 1 }, value: 0.15 } } : {}),
      tooltip: [
        { field: "category", title: "of" }, { field: "series", title: "series" },
        { field: "text", title: "figure" }, { field: "tag", title: "is" },
      ],
    },
  };
  const label = {
    mark: {
      type: "text", fontSize: 12, color: "#2b3640",
      ...(across ? { align: "left", dx: 5 }
        : fall ? { baseline: "bottom", dy: -4 }
        : { baseline: { expr: "datum.value < 0 ? 'top' : 'bottom'" }, dy: { expr: "datum.value < 0 ? 4 : -4" } }),
    },
    encoding: { ...place, text: { field: "text" } },
  };
  if (side) label.encoding[beside] = { ...place[beside], bandPosition: 0.5 };
  if (fall) label.encoding.y = { ...amount, field: "top" };
  const labelled = chart.kind !== "stacked" && values.length <= FEW;
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    data: { values }, width: "container", autosize: { type: across ? "fit-x" : "fit", contains: "padding" },
    height: across ? { step: side ? 16 : 30 } : 300,
    layer: labelled ? [drawn, label] : [drawn],
    config: { font, bar: { discreteBandSize: { band: 0.72 } }, view: { stroke: null }, axis: { labelFontSize: 12, labelColor: "#4a5761" }, legend: { labelFontSize: 12 } },
  };
}

const options = { ast: true, renderer: "svg", actions: false, defaultStyle: false, tooltip: { disableDefaultStyle: true } };
Promise.all(charts.map((chart) => vegaEmbed(document.getElementById(chart.slot), spec(chart), options))).then(
  () => { document.body.dataset.drawn = "all"; },
  (error) => { document.body.dataset.drawn = String(error); },
);

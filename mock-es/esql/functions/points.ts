/** Functions of points on the globe. */
import { arcDistance } from "../../search/fields/geo-point.ts";
import { ofSingles } from "../plan/typed.ts";
import type { DataType } from "../values/types.ts";
import { coordinatesOf } from "../values/point.ts";
import { checkArgument, type FunctionDefinition } from "./definition.ts";

const spatial = "cartesian_point, cartesian_shape, geo_point or geo_shape";

function coordinate(at: 0 | 1, expected: string): FunctionDefinition {
  const parameter = { accepts: (type: DataType) => type === "geo_point", expected };
  return {
    least: 1,
    most: 1,
    build(call) {
      if (!checkArgument(call, 0, 1, parameter)) return undefined;
      return ofSingles(
        call.analysis,
        call,
        "double",
        call.from,
        (value) => coordinatesOf(value as string)[at],
      );
    },
  };
}

const points = {
  accepts: (type: DataType) => type === "geo_point",
  expected: "geo_point or cartesian_point",
};

const distance: FunctionDefinition = {
  least: 2,
  most: 2,
  build(call) {
    if (!checkArgument(call, 0, 2, points) || !checkArgument(call, 1, 2, points)) return undefined;
    return ofSingles(call.analysis, call, "double", call.from, (a, b) => {
      const [from, to] = [coordinatesOf(a as string), coordinatesOf(b as string)];
      return arcDistance({ lon: from[0], lat: from[1] }, { lon: to[0], lat: to[1] });
    });
  },
};

const onlyPoints = "geo_point or cartesian_point";

/** Functions of points by their names. */
export const pointFunctions: Readonly<Record<string, FunctionDefinition>> = {
  st_distance: distance,
  st_x: coordinate(0, onlyPoints),
  st_xmax: coordinate(0, spatial),
  st_xmin: coordinate(0, spatial),
  st_y: coordinate(1, onlyPoints),
  st_ymax: coordinate(1, spatial),
  st_ymin: coordinate(1, spatial),
};

# One image recipe for every service: docker build --build-arg APP=coordinator -t nexus-coordinator .

FROM node:22.22.0-bookworm-slim AS base
WORKDIR /app
# No dependency needs its install script: what is native comes prebuilt as a package of its platform.
ENV npm_config_ignore_scripts=true \
    npm_config_audit=false \
    npm_config_fund=false \
    npm_config_update_notifier=false

FROM base AS build
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build

FROM base AS packages
COPY package.json package-lock.json ./
RUN npm ci --omit=dev && npm cache clean --force

FROM node:22.22.0-bookworm-slim AS runtime
ARG APP
RUN test -n "$APP" || { echo "name the service: --build-arg APP=coordinator" >&2; exit 1; }
WORKDIR /app
ENV NODE_ENV=production \
    APP=$APP \
    NEXUS_HEALTH_PORT=8080
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
COPY infra ./infra
# A new volume takes the owner and the mode of the folder that it covers: here replicas keep their log.
RUN install -d -o node -g node -m 700 /data
# All else is owned by root and only read: the service runs as a user that can change nothing of it.
USER node
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "infra/compose/service-health.mjs"]
# The shell replaces itself by node, so that SIGTERM reaches the service.
CMD ["sh", "-c", "exec node dist/apps/$APP/src/main.js"]
